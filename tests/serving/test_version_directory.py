import pytest

from serving.version_directory import list_versions
from serving.version_directory import select_latest


def _make(base_path, *names):
    for name in names:
        (base_path / name).mkdir()


def test_only_whole_numbers_are_versions(tmp_path):
    _make(tmp_path, "7", "00000123", ".tmp-8", "8.tmp", "v9", "-1", "٣", " 4")
    (tmp_path / "labels.json").touch()
    assert list(list_versions(tmp_path)) == [7, 123]


def test_numbers_beyond_int64_are_no_versions(tmp_path):
    _make(tmp_path, "9223372036854775807", "9223372036854775808")
    assert list(list_versions(tmp_path)) == [2**63 - 1]


def test_file_with_a_numeric_name_is_a_version(tmp_path):
    (tmp_path / "5").touch()
    assert list(list_versions(tmp_path)) == [5]


def test_v03_two_names_for_one_number_warn_and_the_last_wins(tmp_path, caplog):
    _make(tmp_path, "012", "12")
    assert list_versions(tmp_path) == {12: tmp_path / "12"}
    assert "are both version 12" in caplog.text


def test_missing_base_path_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        list_versions(tmp_path / "none")


def test_latest_is_the_highest_number_not_the_longest_name(tmp_path):
    _make(tmp_path, "0009", "10")
    assert list(select_latest(list_versions(tmp_path))) == [10]


def test_fewer_than_one_latest_version_counts_as_one(tmp_path):
    _make(tmp_path, "1", "2")
    versions = list_versions(tmp_path)
    assert list(select_latest(versions, 0)) == [2]
    assert list(select_latest(versions, 2)) == [1, 2]
    assert select_latest({}) == {}
