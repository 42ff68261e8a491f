"""From two CSV files to an answer over gRPC, by the command line."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from components.evaluator.config import OVERALL
from components.evaluator.evaluation import BASELINE
from components.evaluator.evaluation import read_evaluation
from pipeline.commands import cli
from pipeline.commands.recommendation import find_served_version
from pipeline.runs.run_history import RunHistory
from schemas.signatures import MODEL_NAME
from serving.client import RecommenderClient
from serving.query import Query

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

# No model is as good. Only the evaluator has new settings: the model of the
# finished run is judged again, and nothing is trained.
STRICT = {
    "evaluator": {
        "thresholds": [
            {"metric": "ndcg_at_10", "at_least": 0.999, "may_worsen_by": 0.5}
        ]
    }
}


def _list_versions(folder):
    base_path = folder.serving_path / MODEL_NAME
    return {p.name: _snapshot(p) for p in base_path.iterdir() if p.is_dir()}


def _snapshot(path):
    return {
        str(p.relative_to(path)): p.stat().st_mtime_ns
        for p in path.rglob("*")
        if p.is_file()
    }


def _run(folder, config, *arguments):
    return cli.main(
        ["run", str(config), "--root", str(folder.root), *arguments]
    )


def test_run_pushes_a_version_that_answers_over_grpc(
    finished_run, finished_server
):
    version_path = find_served_version(finished_run)
    assert (version_path / "saved_model.pb").exists()
    address = f"localhost:{finished_server.port}"
    with RecommenderClient(address, timeout=60) as client:
        slate = client.recommend(Query(item_ids=["m00", "m04"]), k=5)[0]
    assert str(slate.model_version) == version_path.name
    assert len({item.item_id for item in slate.items}) == 5
    assert not {"m00", "m04"} & {item.item_id for item in slate.items}


def test_push_runs_alone_and_is_never_taken_from_the_cache(finished_run, shop):
    versions_before = _list_versions(finished_run)
    arguments = ("--from", "Pusher", "--to", "Pusher")
    config = shop.write_config("shop")
    assert _run(finished_run, config, *arguments) == cli.EXIT_OK
    states = _load_states(finished_run)
    assert states.pop("Pusher") == "COMPLETE"
    assert set(states.values()) == {"CACHED"}
    assert _list_versions(finished_run) == versions_before


def test_second_run_trains_nothing_that_is_in_the_cache(
    finished_run, shop, capsys
):
    # What is behind may run: the evaluator has a baseline by now.
    config = shop.write_config("shop")
    assert _run(finished_run, config, "--to", "TowerTrainer") == cli.EXIT_OK
    states = _load_states(finished_run)
    for node_id in ("BehaviorExampleGen", "Transform", "TowerTrainer"):
        assert states[node_id] == "CACHED"
    assert "Evaluator" not in states
    assert "TowerTrainer: unchanged, reused" in capsys.readouterr().out


def test_failing_node_fails_the_run_with_the_cause_on_the_last_line(
    finished_run, shop, capsys
):
    settings = {"backbone": {"preset": str(shop.folder / "no-such-preset")}}
    config = shop.write_config("broken", trainer=settings)
    assert _run(finished_run, config) == cli.EXIT_ERROR
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith("error: ItemEncoder failed: ")
    assert "no-such-preset" in last_line


def test_killed_run_is_recovered_and_pushes_nothing_worse_than_asked(
    finished_run, shop, repository, capsys, tmp_path
):
    before = _list_versions(finished_run)
    config = shop.write_config("strict", **STRICT)
    _kill_while_evaluating(config, finished_run, repository, tmp_path)
    assert _list_versions(finished_run) == before

    code = _run(finished_run, config)
    out = capsys.readouterr().out
    assert "Recovered: Evaluator was cut short" in out
    assert code == cli.EXIT_NOT_PUSHED, out
    assert re.search(
        r"NDCG@10, all queries: \d\S* where at least 0\.999 is asked", out
    )
    assert out.splitlines()[-1] == (
        "The model was not pushed: the evaluation missed a threshold."
    )
    assert _list_versions(finished_run) == before
    run = RunHistory(finished_run.metadata_path).load_runs()[-1]
    # The versions would be the same if it had been pushed once more.
    assert run.find_output("PushedModel").properties["pushed"] == 0
    evaluation = read_evaluation(str(run.find_output("ModelEvaluation").path))
    assert BASELINE in evaluation["metrics"][OVERALL]


def _load_states(folder):
    run = RunHistory(folder.metadata_path).load_runs()[-1]
    return {node.node_id: node.state for node in run.nodes}


def _kill_while_evaluating(config, folder, repository, tmp_path):
    """Starts a run as a process, and kills it while its evaluator works."""
    command = [sys.executable, "-m", "pipeline.commands.cli", "run"]
    said = tmp_path / "stderr.txt"
    # Importing tf2onnx sets a level, as other tests do: here nobody asked.
    environment = os.environ.copy()
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    with (
        said.open("w") as stderr,
        subprocess.Popen(
            [*command, str(config), "--root", str(folder.root)],
            cwd=repository,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        for line in process.stdout:
            if "Evaluator ..." in line:
                time.sleep(1)
                os.kill(process.pid, signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    assert said.read_text() == ""  # TensorFlow's chatter is in the log
