import os
import signal
import subprocess
import sys

import pytest

from serving.gateway.behavior.process_lock import ProcessLock
from tests.serving.gateway.full_disk import full_disk

_HOLD = """
import sys, time
from pathlib import Path
from serving.gateway.behavior.process_lock import ProcessLock
lock = ProcessLock(Path(sys.argv[1]), "It")
print("held", flush=True)
time.sleep(600)
"""


def test_lock_is_refused_with_who_has_it_and_free_once_that_is_killed(tmp_path):
    path = tmp_path / "lock"
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(RuntimeError) as raised:
            ProcessLock(path, "The state X")
        told = str(raised.value)
        assert told.startswith("The state X must belong to one gateway")
        assert f"process {process.pid} on" in told
        assert str(path) in told
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    ProcessLock(path, "The state X").close()


def test_time_of_the_file_stays(tmp_path):
    path = tmp_path / "lock"
    path.write_text("9 elsewhere")
    os.utime(path, (1_800_000_000, 1_800_000_000))
    ProcessLock(path, "It").close()
    assert path.stat().st_mtime == 1_800_000_000
    assert path.read_text().split()[0] == str(os.getpid())


def test_full_disk_changes_neither_the_lock_nor_its_time(tmp_path):
    path = tmp_path / "lock"
    path.write_text("9 elsewhere")
    os.utime(path, (1_800_000_000, 1_800_000_000))
    empty = tmp_path / "empty"
    empty.touch()
    with full_disk(empty):  # no file may have more than 0 bytes
        lock = ProcessLock(path, "It")
        with pytest.raises(RuntimeError, match="in use by another process"):
            ProcessLock(path, "It")
        assert path.stat().st_mtime == 1_800_000_000
        lock.close()
    ProcessLock(path, "It").close()


def test_holder_that_is_no_text_is_told_as_far_as_it_can_be_read(tmp_path):
    path = tmp_path / "lock"
    lock = ProcessLock(path, "It")
    path.write_bytes(b"7 h\xf6st\n")
    with pytest.raises(
        RuntimeError, match="process 7 on h\N{REPLACEMENT CHARACTER}st"
    ):
        ProcessLock(path, "It")
    lock.close()
