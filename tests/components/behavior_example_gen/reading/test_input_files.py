import dataclasses
import os
from pathlib import Path

import pytest

from components.behavior_example_gen.reading import input_files
from tests.components.behavior_example_gen.reading.file_sets import (
    build_dataset,
)
from tests.components.behavior_example_gen.reading.file_sets import touch


def test_table_without_files_is_named(tmp_path):
    touch(tmp_path, "e.csv")
    with pytest.raises(FileNotFoundError, match=r"`items`.*i\.csv"):
        input_files.list_files(build_dataset(tmp_path))


def test_fingerprint_sees_content_of_the_same_size_and_time(tmp_path):
    touch(tmp_path, "e.csv", "i.csv")
    files = input_files.list_files(build_dataset(tmp_path))
    before = input_files.fingerprint(files)
    stat = (tmp_path / "e.csv").stat()
    (tmp_path / "e.csv").write_text("E.csv")
    os.utime(tmp_path / "e.csv", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    again = input_files.list_files(build_dataset(tmp_path))
    assert [one.size_in_bytes for one in again] == [
        one.size_in_bytes for one in files
    ]
    assert input_files.fingerprint(again) != before


def test_fingerprint_does_not_mind_atouch(tmp_path):
    touch(tmp_path, "e.csv", "i.csv")
    files = input_files.list_files(build_dataset(tmp_path))
    before = input_files.fingerprint(files)
    os.utime(tmp_path / "e.csv", ns=(1, 1))
    assert input_files.fingerprint(files) == before


def test_large_file_is_known_by_its_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(input_files, "_FULL_HASH_BYTES", 4)
    monkeypatch.setattr(input_files, "_CHUNK_BYTES", 2)
    touch(tmp_path, "e.csv", "i.csv")
    files = input_files.list_files(build_dataset(tmp_path))
    before = input_files.fingerprint(files)
    assert input_files.fingerprint(files) == before
    os.utime(tmp_path / "e.csv", (1, 1))
    assert input_files.fingerprint(files) != before


def test_folder_that_spark_wrote_is_read(tmp_path):
    touch(tmp_path, "e.csv/part-0.csv", "e.csv/part-1.csv", "e.csv/_SUCCESS")
    touch(tmp_path, "e.csv/.part-0.csv.crc", "e.csv/_temporary/part-2.csv")
    touch(tmp_path, "i.csv")
    (tmp_path / "e.csv/part-3.csv").touch()  # a part without rows
    for path in ("e.csv", "e.csv/", "e.csv/*"):
        files = input_files.list_files(build_dataset(tmp_path, path))
        names = [
            str(Path(one.path).relative_to(tmp_path / "e.csv"))
            for one in files
            if one.table == "events" and one.size_in_bytes
        ]
        assert names == ["part-0.csv", "part-1.csv"], path


def test_file_that_is_named_is_read_whatever_its_name(tmp_path):
    touch(tmp_path, "_e.csv", "_e/.x.csv", "i.csv")
    for path in ("_e.csv", "_e/.x.csv"):
        assert len(input_files.list_files(build_dataset(tmp_path, path))) == 2


def test_several_paths_are_one_table(tmp_path):
    touch(tmp_path, "a-1.csv", "a-2.csv", "b.csv", "i.csv")
    dataset = build_dataset(tmp_path)
    paths = tuple(str(tmp_path / name) for name in ("b.csv", "a-*.csv", "b*"))
    events = dataclasses.replace(dataset.events, path=paths, format="csv")
    files = input_files.list_files(dataclasses.replace(dataset, events=events))
    found = [
        (Path(one.path).name, one.order, one.source)
        for one in files
        if one.table == "events"
    ]
    assert found == [("b.csv", 0, 0), ("a-1.csv", 1, 0), ("a-2.csv", 2, 0)]
