import dataclasses
from pathlib import Path

import pytest

from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import spans
from tests.components.behavior_example_gen.reading.file_sets import (
    build_dataset,
)
from tests.components.behavior_example_gen.reading.file_sets import touch
from tests.fresh_process import HEAVY
from tests.fresh_process import list_loaded


def _resolve(dataset, span=None):
    found, span, version = spans.resolve_spans(dataset, span)
    return Path(found.events.path).name, span, version


def test_latest_span_and_version_win(tmp_path):
    names = ["e-9-v3.csv", "e-10-v1.csv", "e-10-v2.csv", "i.csv"]
    touch(tmp_path, *names)
    dataset = build_dataset(tmp_path, "e-{SPAN}-v{VERSION}.csv")
    assert _resolve(dataset) == ("e-10-v2.csv", 10, 2)
    assert _resolve(dataset, span=9) == ("e-9-v3.csv", 9, 3)


def test_width_keeps_leading_zeros(tmp_path):
    touch(tmp_path, "e-0007.csv", "e-0012.csv")
    dataset = build_dataset(tmp_path, "e-{SPAN:4}.csv")
    assert _resolve(dataset) == ("e-0012.csv", 12, 0)
    assert _resolve(dataset, span=7) == ("e-0007.csv", 7, 0)


def test_dates_are_days_since_1970(tmp_path):
    touch(tmp_path, "1970-01-03.csv", "1970-02-01.csv")
    dataset = build_dataset(tmp_path, "{YYYY}-{MM}-{DD}.csv")
    assert _resolve(dataset) == ("1970-02-01.csv", 31, 0)
    assert _resolve(dataset, span=2) == ("1970-01-03.csv", 2, 0)


def test_items_follow_the_span_of_the_events(tmp_path):
    touch(tmp_path, "e-1.csv", "i-1.csv", "i-2.csv")
    dataset = build_dataset(tmp_path, "e-{SPAN}.csv", "i-{SPAN}.csv")
    found, _, _ = spans.resolve_spans(dataset, None)
    assert found.items.path.endswith("i-1.csv")


def test_span_that_is_not_there_is_named(tmp_path):
    touch(tmp_path, "e-1.csv")
    with pytest.raises(ValueError, match=r"span 5.*matches the spans 1\."):
        _resolve(build_dataset(tmp_path, "e-{SPAN}.csv"), span=5)


def test_further_items_follow_the_span_or_are_not_there(tmp_path):
    touch(tmp_path, "s-1/e.csv", "s-2/e.csv", "s-2/items-1.csv", "i.csv")
    dataset = build_dataset(tmp_path, "s-{SPAN}/e.csv")
    more = dataclasses.replace(
        dataset.items, path=str(tmp_path / "s-{SPAN}/items-*.csv")
    )
    dataset = dataclasses.replace(dataset, more_items=(more,))
    found, *_ = spans.resolve_spans(dataset, None)
    names = [
        (Path(one.path).name, one.order, one.source)
        for one in input_files.list_files(found)
        if one.table == "items"
    ]
    assert names == [("i.csv", 0, 0), ("items-1.csv", 1, 1)]
    found, *_ = spans.resolve_spans(dataset, 1)
    assert found.more_items == ()


_DAYS = [f"e-202001{day:02}.csv" for day in range(1, 5)]


def _paths(dataset, name="events"):
    return [
        (Path(one.path).name, one.source)
        for one in input_files.list_files(dataset)
        if one.table == name
    ]


def test_days_that_are_left_out_are_said(tmp_path, caplog):
    touch(tmp_path, *_DAYS)
    dataset = build_dataset(tmp_path, "e-{YYYY}{MM}{DD}.csv")
    assert _resolve(dataset)[0] == _DAYS[-1]
    assert "only 2020-01-04 of 4 spans" in caplog.text
    assert "left out: 2020-01-01, 2020-01-02, 2020-01-03." in caplog.text
    assert "spans: all" in caplog.text


@pytest.mark.parametrize(("setting", "num"), [("all", 4), ("last 3", 3)])
def test_days_are_read_as_one_table(tmp_path, setting, num):
    touch(tmp_path, *_DAYS, "i.csv")
    dataset = build_dataset(tmp_path, "e-{YYYY}{MM}{DD}.csv")
    dataset = dataclasses.replace(dataset, spans=setting)
    found, span, version = spans.resolve_spans(dataset, None)
    assert _paths(found) == [(day, 0) for day in _DAYS[-num:]]
    # 2020-01-04 is 18,265 days after 1970-01-01.
    assert (span, version) == (18_265, 0)


def test_named_span_is_the_newest_of_those_read(tmp_path, caplog):
    touch(tmp_path, *(f"e-{n}.csv" for n in (2, 9, 10, 11)), "i.csv")
    dataset = build_dataset(tmp_path, "e-{SPAN}.csv")
    dataset = dataclasses.replace(dataset, spans="last 2")
    found, span, _ = spans.resolve_spans(dataset, 10)
    assert _paths(found) == [("e-9.csv", 0), ("e-10.csv", 0)]
    assert span == 10
    assert caplog.text == ""


def test_newest_version_of_each_span_is_read(tmp_path):
    names = ["e-1-v1.csv", "e-1-v2.csv", "e-2-v7.csv", "i.csv"]
    touch(tmp_path, *names)
    dataset = build_dataset(tmp_path, "e-{SPAN}-v{VERSION}.csv")
    dataset = dataclasses.replace(dataset, spans="all")
    found, _, version = spans.resolve_spans(dataset, None)
    assert _paths(found) == [("e-1-v2.csv", 0), ("e-2-v7.csv", 0)]
    assert version == 7


def test_items_of_a_later_span_know_better(tmp_path):
    names = ["e-1.csv", "e-2.csv", "e-3.csv", "i-1.csv", "i-3.csv", "i-4.csv"]
    touch(tmp_path, *names)
    dataset = build_dataset(tmp_path, "e-{SPAN}.csv", "i-{SPAN}.csv")
    dataset = dataclasses.replace(dataset, spans="all")
    found, *_ = spans.resolve_spans(dataset, None)
    assert _paths(found, "items") == [("i-1.csv", 0), ("i-3.csv", 1)]


def test_folders_of_spans_are_read(tmp_path):
    touch(tmp_path, "day=2020-01-01/part-0.csv", "day=2020-01-02/part-0.csv")
    touch(tmp_path, "day=2020-01-02/_SUCCESS", "i.csv")
    dataset = build_dataset(tmp_path, "day={YYYY}-{MM}-{DD}", format="csv")
    found, *_ = spans.resolve_spans(dataset, None)
    assert [name for name, _ in _paths(found)] == ["part-0.csv"]
    assert found.events.path.endswith("day=2020-01-02")


@pytest.mark.parametrize(
    "path", ["{SPAN}-{SPAN}.csv", "{YYYY}.csv", "v{VERSION}.csv"]
)
def test_pattern_that_names_no_span_is_refused(tmp_path, path):
    with pytest.raises(ValueError, match=r"\{SPAN\} once.*csv"):
        spans.resolve_spans(build_dataset(tmp_path, path), None)


def test_spans_are_found_without_tfx():
    loaded = list_loaded(
        "from components.behavior_example_gen.reading import spans"
    )
    assert not HEAVY & loaded


def test_names_tell_span_and_version_or_nothing(tmp_path):
    touch(tmp_path, "e-3-1.csv", "e-3-2.csv", "e-old-1.csv", "f-3-1.csv")
    found = spans.name_spans(str(tmp_path / "e-{SPAN}-{VERSION}.csv"))
    assert {Path(path).name: place for path, place in found.items()} == {
        "e-3-1.csv": (3, 1),
        "e-3-2.csv": (3, 2),
        "e-old-1.csv": None,
    }
    assert spans.name_spans(str(tmp_path / "e-*.csv")) == {}
