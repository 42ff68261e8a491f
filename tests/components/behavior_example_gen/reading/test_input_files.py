import dataclasses
import os
from pathlib import Path

import pytest

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import ItemsConfig
from components.behavior_example_gen.reading import input_files


def _dataset(folder, events="e.csv", items="i.csv") -> DatasetConfig:
    return DatasetConfig(
        events=EventsConfig(
            path=str(folder / events),
            columns={"user_id": "u", "item_id": "i", "timestamp": "t"},
            default_event_type="view",
        ),
        items=ItemsConfig(
            path=str(folder / items),
            columns={"item_id": "i", "title": "t"},
        ),
    )


def _touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def _resolve(dataset, span=None):
    found, span, version = input_files.resolve_spans(dataset, span)
    return Path(found.events.path).name, span, version


def test_latest_span_and_version_win(tmp_path):
    names = ["e-9-v3.csv", "e-10-v1.csv", "e-10-v2.csv", "i.csv"]
    _touch(tmp_path, *names)
    dataset = _dataset(tmp_path, "e-{SPAN}-v{VERSION}.csv")
    assert _resolve(dataset) == ("e-10-v2.csv", 10, 2)
    assert _resolve(dataset, span=9) == ("e-9-v3.csv", 9, 3)


def test_width_keeps_leading_zeros(tmp_path):
    _touch(tmp_path, "e-0007.csv", "e-0012.csv")
    dataset = _dataset(tmp_path, "e-{SPAN:4}.csv")
    assert _resolve(dataset) == ("e-0012.csv", 12, 0)
    assert _resolve(dataset, span=7) == ("e-0007.csv", 7, 0)


def test_dates_are_days_since_1970(tmp_path):
    _touch(tmp_path, "1970-01-03.csv", "1970-02-01.csv")
    dataset = _dataset(tmp_path, "{YYYY}-{MM}-{DD}.csv")
    assert _resolve(dataset) == ("1970-02-01.csv", 31, 0)
    assert _resolve(dataset, span=2) == ("1970-01-03.csv", 2, 0)


def test_items_follow_the_span_of_the_events(tmp_path):
    _touch(tmp_path, "e-1.csv", "i-1.csv", "i-2.csv")
    dataset = _dataset(tmp_path, "e-{SPAN}.csv", "i-{SPAN}.csv")
    found, _, _ = input_files.resolve_spans(dataset, None)
    assert found.items.path.endswith("i-1.csv")


def test_span_that_is_not_there_is_named(tmp_path):
    _touch(tmp_path, "e-1.csv")
    with pytest.raises(ValueError, match="Cannot find matching"):
        _resolve(_dataset(tmp_path, "e-{SPAN}.csv"), span=5)


def test_table_without_files_is_named(tmp_path):
    _touch(tmp_path, "e.csv")
    with pytest.raises(FileNotFoundError, match=r"`items`.*i\.csv"):
        input_files.list_files(_dataset(tmp_path))


def test_fingerprint_sees_content_of_the_same_size_and_time(tmp_path):
    _touch(tmp_path, "e.csv", "i.csv")
    files = input_files.list_files(_dataset(tmp_path))
    before = input_files.fingerprint(files)
    stat = (tmp_path / "e.csv").stat()
    (tmp_path / "e.csv").write_text("E.csv")
    os.utime(tmp_path / "e.csv", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    again = input_files.list_files(_dataset(tmp_path))
    assert [one.size_in_bytes for one in again] == [
        one.size_in_bytes for one in files
    ]
    assert input_files.fingerprint(again) != before


def test_fingerprint_does_not_mind_a_touch(tmp_path):
    _touch(tmp_path, "e.csv", "i.csv")
    files = input_files.list_files(_dataset(tmp_path))
    before = input_files.fingerprint(files)
    os.utime(tmp_path / "e.csv", ns=(1, 1))
    assert input_files.fingerprint(files) == before


def test_large_file_is_known_by_its_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(input_files, "_FULL_HASH_BYTES", 4)
    monkeypatch.setattr(input_files, "_CHUNK_BYTES", 2)
    _touch(tmp_path, "e.csv", "i.csv")
    files = input_files.list_files(_dataset(tmp_path))
    before = input_files.fingerprint(files)
    assert input_files.fingerprint(files) == before
    os.utime(tmp_path / "e.csv", (1, 1))
    assert input_files.fingerprint(files) != before


def test_further_items_follow_the_span_or_are_not_there(tmp_path):
    _touch(tmp_path, "s-1/e.csv", "s-2/e.csv", "s-2/items-1.csv", "i.csv")
    dataset = _dataset(tmp_path, "s-{SPAN}/e.csv")
    more = dataclasses.replace(
        dataset.items, path=str(tmp_path / "s-{SPAN}/items-*.csv")
    )
    dataset = dataclasses.replace(dataset, more_items=(more,))
    found, *_ = input_files.resolve_spans(dataset, None)
    names = [
        (Path(one.path).name, one.order, one.source)
        for one in input_files.list_files(found)
        if one.table == "items"
    ]
    assert names == [("i.csv", 0, 0), ("items-1.csv", 1, 1)]
    found, *_ = input_files.resolve_spans(dataset, 1)
    assert found.more_items == ()
