import pytest

from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.durable_files import write_file


def test_parts_are_written_in_order(tmp_path):
    write_file(tmp_path / "a", [b"one ", b"two"])
    assert (tmp_path / "a").read_bytes() == b"one two"


def test_old_content_stays_when_the_parts_break_off(tmp_path):
    (tmp_path / "a").write_bytes(b"old")

    def break_off():
        yield b"new"
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        write_file(tmp_path / "a", break_off())
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_that_is_not_there_cannot_be_synced(tmp_path):
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "none")
