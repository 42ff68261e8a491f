import time

import pytest

from serving.gateway.behavior.log.folder_lock import FolderLock


def test_second_holder_is_refused_until_the_first_lets_go(tmp_path):
    first = FolderLock(tmp_path)
    with pytest.raises(RuntimeError, match="one gateway at a time"):
        FolderLock(tmp_path)
    first.close()
    FolderLock(tmp_path).close()


def test_time_outlives_the_process(tmp_path, monkeypatch):
    lock = FolderLock(tmp_path)
    assert abs(lock.read_stamp() - time.time()) < 60.0
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.5)
    lock.stamp()
    lock.close()
    again = FolderLock(tmp_path)
    assert again.read_stamp() == pytest.approx(1_800_000_000.5, abs=1e-3)
    again.close()
