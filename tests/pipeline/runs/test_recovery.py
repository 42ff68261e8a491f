"""A killed run leaves nothing that hinders the next one."""

import subprocess
import sys

import pytest

from pipeline.runs.execution import execute
from pipeline.runs.recovery import recover_run_folder
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import RunHistory
from tests.pipeline.tiny_pipeline import build_tiny_pipeline

RUN_AND_DIE = """
import sys
from pathlib import Path
from pipeline.runs.execution import execute
from pipeline.runs.run_folder import RunFolder
from tests.pipeline.tiny_pipeline import DIE, build_tiny_pipeline
folder = RunFolder(Path(sys.argv[1]))
with folder.lock():
    execute(build_tiny_pipeline(folder, mood=DIE), folder, "one", print)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory, repository):
    folder = RunFolder(tmp_path_factory.mktemp("killed"))
    died = subprocess.run(
        [sys.executable, "-c", RUN_AND_DIE, str(folder.root)],
        cwd=repository,
        capture_output=True,
        text=True,
    )
    assert died.returncode == -9, died.stderr
    return folder


def test_next_run_cancels_what_was_cut_short_and_goes_through(killed):
    states = [n.state for n in _load_run(killed, "one").nodes]
    assert states == ["COMPLETE", "RUNNING"]
    leftovers = list(killed.artifacts_path.rglob("partial.txt"))
    assert len(leftovers) == 1

    with killed.lock():
        assert recover_run_folder(killed) == ["Listener"]
        assert not leftovers[0].exists()
        run = execute(
            build_tiny_pipeline(killed), killed, "two", lambda _: None
        )

    assert [n.state for n in run.nodes] == ["CACHED", "COMPLETE"]
    states = [n.state for n in _load_run(killed, "one").nodes]
    assert states == ["COMPLETE", "CANCELED"]
    assert recover_run_folder(killed) == []


def test_output_of_finished_nodes_stays(killed):
    recover_run_folder(killed)
    words = list(killed.artifacts_path.glob("Speaker/text/*/words.txt"))
    assert [path.read_text() for path in words] == ["hello"]


def test_new_folder_needs_no_recovery(tmp_path):
    assert recover_run_folder(RunFolder(tmp_path)) == []


def _load_run(folder, run_id):
    runs = RunHistory(folder.metadata_path).load_runs()
    return next(run for run in runs if run.run_id == run_id)
