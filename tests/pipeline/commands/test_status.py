"""The status names runs, nodes, gates and versions."""

import pytest

from pipeline.commands.status import describe_status
from pipeline.runs.execution import execute
from pipeline.runs.run_folder import RunFolder
from tests.pipeline.tiny_pipeline import build_tiny_pipeline


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = RunFolder(tmp_path_factory.mktemp("status"))
    # The listener's blessing is the number of letters: 1 is blessed.
    for run_id, words in (("one", "a"), ("two", "hello")):
        execute(
            build_tiny_pipeline(folder, words), folder, run_id, lambda _: None
        )
    for version in ("9", "10", ".tmp-11"):
        (folder.serving_path / "shop" / version).mkdir(parents=True)
    return folder


def test_newest_runs_are_listed_with_nodes_and_gates(folder):
    text = "\n".join(describe_status(folder, 5))
    first, second = text.split("run two")
    assert "run one" in first
    assert "Listener" in first
    assert "COMPLETE" in first
    assert "blessed: yes" in first
    assert "blessed: no" in second


def test_only_as_many_runs_as_asked_for_are_listed(folder):
    text = "\n".join(describe_status(folder, 1))
    assert "run one" not in text
    assert "run two" in text


def test_versions_are_listed_as_numbers_and_half_copies_are_not(folder):
    assert describe_status(folder, 1)[-1] == "pushed versions of shop: 9, 10"
