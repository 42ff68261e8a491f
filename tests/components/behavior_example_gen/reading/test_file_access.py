import os

import pytest

from components.behavior_example_gen.reading import file_access
from tests.fresh_process import HEAVY
from tests.fresh_process import list_loaded


def test_pattern_without_a_folder_matches_files_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e-2.csv").write_text("22")
    (tmp_path / "e-1.csv").write_text("1")
    (tmp_path / "e-3.csv").mkdir()
    found = file_access.match_files("e-*.csv")
    assert [(one.path, one.size_in_bytes) for one in found] == [
        ("e-1.csv", 1),
        ("e-2.csv", 2),
    ]


def test_file_whose_name_looks_like_a_pattern_is_found(tmp_path):
    path = tmp_path / "events [new].csv"
    path.write_text("1")
    assert file_access.match_files(str(path))[0].path == str(path)


def test_bytes_come_as_they_are_stored(tmp_path):
    path = tmp_path / "e.csv.gz"
    path.write_bytes(b"\x1f\x8bnot really")
    with file_access.open_file(str(path)) as stream:
        assert stream.read() == b"\x1f\x8bnot really"


def test_change_time_is_that_of_the_file(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("1")
    os.utime(path, (5, 1_000_000_000))
    assert file_access.find_change_time(str(path)) == 1_000_000_000


def test_uri_is_for_beam_to_open():
    with pytest.raises(ValueError, match="nowhere://a/b"):
        file_access.match_files("nowhere://a/b")


def test_files_are_read_without_beam_tfx_and_tensorflow():
    loaded = list_loaded(
        "from components.behavior_example_gen import rejects\n"
        "from components.behavior_example_gen import histories\n"
        "from components.behavior_example_gen import cut_points\n"
        "from components.behavior_example_gen.reading import typed_batches\n"
    )
    assert not HEAVY & loaded
