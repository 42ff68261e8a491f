"""One run at a time uses a folder, and a dead one does not block it."""

import os
import signal
import subprocess
import sys

import pytest

from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_folder import RunFolderBusyError

HOLD_LOCK = """
import sys, time
from pathlib import Path
from pipeline.runs.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock():
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path, repository):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(tmp_path)],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_second_run_is_refused_and_told_who_holds_the_folder(tmp_path, holder):
    with (
        pytest.raises(RunFolderBusyError, match=f"process {holder.pid}"),
        RunFolder(tmp_path).lock(),
    ):
        pass


def test_killed_run_leaves_the_folder_free(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with RunFolder(tmp_path).lock():
        assert (tmp_path / "run.lock").read_text() == str(os.getpid())


def test_folder_is_free_after_the_block(tmp_path):
    folder = RunFolder(tmp_path / "new")
    with folder.lock():
        pass
    with folder.lock():
        pass


def test_edited_schema_gets_another_path(tmp_path):
    schema = tmp_path / "schema.pbtxt"
    folder = RunFolder(tmp_path / "run")
    schema.write_text("feature { name: 'a' }")
    first = folder.stage_schema(schema)
    assert folder.stage_schema(schema) == first
    schema.write_text("feature { name: 'b' }")
    second = folder.stage_schema(schema)
    assert second != first
    assert second.read_text() == "feature { name: 'b' }"
    assert first.read_text() == "feature { name: 'a' }"
