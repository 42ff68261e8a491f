"""Metadata is read back without TFX."""

import subprocess
import sys

import pytest

from pipeline.runs.execution import execute
from pipeline.runs.monitored_run import RunFailedError
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import RunHistory
from tests.pipeline.tiny_pipeline import FAIL
from tests.pipeline.tiny_pipeline import build_tiny_pipeline


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = RunFolder(tmp_path_factory.mktemp("history"))
    execute(build_tiny_pipeline(folder, "hi"), folder, "one", lambda _: None)
    execute(build_tiny_pipeline(folder, "hello"), folder, "two", lambda _: None)
    with pytest.raises(RunFailedError):
        execute(
            build_tiny_pipeline(folder, "hello", FAIL),
            folder,
            "three",
            lambda _: None,
        )
    return folder


@pytest.fixture(scope="module")
def history(folder):
    return RunHistory(folder.metadata_path)


def test_runs_come_oldest_first_with_their_nodes(history):
    runs = history.load_runs()
    assert [run.run_id for run in runs] == ["one", "two", "three"]
    states = [node.state for node in runs[2].nodes]
    assert states == ["CACHED", "FAILED"]


def test_duration_is_that_of_the_node(history):
    listener = history.load_runs()[0].nodes[1]
    assert 0.01 <= listener.seconds < 60  # it sleeps for 0.01 s


def test_newest_artifact_of_a_type_is_found_with_its_properties(history):
    found = history.find_latest_output("ModelBlessing")
    assert found.properties["blessed"] == 5  # letters of "hello"
    assert (found.path / "partial.txt").exists()


def test_artifact_is_found_by_property(history):
    found = history.find_latest_output("ModelBlessing", blessed=2)
    assert found.properties["blessed"] == 2
    assert history.find_latest_output("ModelBlessing", blessed=3) is None


def test_output_of_a_failed_node_is_not_offered(history):
    assert history.load_runs()[2].find_output("ModelBlessing") is None


def test_folder_in_which_nothing_ran_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="tastemaker run CONFIG"):
        RunHistory(tmp_path / "metadata.sqlite")


def test_reading_loads_neither_tfx_nor_tensorflow(folder, repository):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from pipeline.runs.run_folder import RunFolder\n"
        "from pipeline.commands.status import read_status\n"
        "read_status(RunFolder(Path(sys.argv[1])), 5)\n"
        "sys.exit(', '.join({'tfx', 'tensorflow'} & set(sys.modules)) or 0)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(folder.root)],
        cwd=repository,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr


def test_output_of_a_run_is_found_by_type_and_key(history):
    run = history.load_runs()[0]
    assert run.find_output("Schema").type_name == "Schema"
    assert run.find_output("Schema", "text") == run.find_output("Schema")
    assert run.find_output("Schema", "heard") is None
