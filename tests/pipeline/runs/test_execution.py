"""A pipeline runs on either runner, and tells what failed."""

import pytest

from pipeline.runs.execution import execute
from pipeline.runs.monitored_run import RunFailedError
from pipeline.runs.run_folder import RunFolder
from tests.pipeline.tiny_pipeline import FAIL
from tests.pipeline.tiny_pipeline import build_pipeline_without_input
from tests.pipeline.tiny_pipeline import build_tiny_pipeline

RUNNERS = ("local", "beam")


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run")


@pytest.mark.parametrize("runner", RUNNERS)
def test_run_goes_through_and_tells_each_node(folder, runner):
    lines = []
    run = execute(
        build_tiny_pipeline(folder), folder, "one", lines.append, runner
    )
    assert [n.node_id for n in run.nodes] == ["Speaker", "Listener"]
    assert [n.state for n in run.nodes] == ["COMPLETE", "COMPLETE"]
    text = "\n".join(lines)
    assert "[ 1/2] Speaker ..." in text
    assert "[ 2/2] Listener ..." in text
    assert "Listener: done in" in text


@pytest.mark.parametrize("runner", RUNNERS)
def test_second_run_reuses_what_did_not_change(folder, runner):
    lines = []
    for run_id, mood in (("one", "calm"), ("two", "merry")):
        run = execute(
            build_tiny_pipeline(folder, mood=mood),
            folder,
            run_id,
            lines.append,
            runner,
        )
    assert [n.state for n in run.nodes] == ["CACHED", "COMPLETE"]
    assert sum("Speaker: unchanged, reused" in line for line in lines) == 1


@pytest.mark.parametrize("runner", RUNNERS)
def test_failed_node_fails_the_run_with_its_cause_on_one_line(folder, runner):
    with pytest.raises(RunFailedError) as caught:
        execute(
            build_tiny_pipeline(folder, mood=FAIL),
            folder,
            "one",
            lambda _: None,
            runner,
        )
    message = str(caught.value)
    assert message.startswith("Listener failed: ")
    assert "speak up. Received: a whisper." in message
    assert len(message.splitlines()) == 1
    log = (folder.logs_path / "one.log").read_text()
    assert "Traceback (most recent call last)" in log


def test_input_that_tfx_cannot_resolve_fails_the_run(folder):
    # LocalDagRunner returns as if all were well: TFX swallows this one.
    with pytest.raises(RunFailedError, match="Absent failed: "):
        execute(
            build_pipeline_without_input(folder), folder, "one", lambda _: None
        )
