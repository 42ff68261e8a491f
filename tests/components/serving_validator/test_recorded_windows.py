from components.serving_validator.recorded_windows import read_windows
from tests.components.serving_validator.windows import build_window
from tests.components.serving_validator.windows import write_split


def test_window_becomes_the_query_it_once_was(tmp_path):
    nan = float("nan")
    record = build_window(["b", "a"], [3.5, nan], older=["z"])
    window = read_windows(write_split(tmp_path, [record]), 10)[0]
    query = window.query
    assert query.item_ids == ("b", "a")
    assert query.event_types == ("rate", "rate")
    assert query.timestamps == (0, 60)
    assert query.values == (3.5, None)
    assert query.scenario == "movies"
    assert query.query_time == 900
    assert window.older_item_ids == ("z",)


def test_empty_window_is_read(tmp_path):
    folder = write_split(tmp_path, [build_window([])])
    assert read_windows(folder, 10)[0].query.item_ids == ()


def test_no_more_windows_than_asked_for(tmp_path):
    folder = write_split(tmp_path, [build_window([f"i{n}"]) for n in range(9)])
    windows = read_windows(folder, 3)
    assert [w.query.item_ids for w in windows] == [("i0",), ("i1",), ("i2",)]
