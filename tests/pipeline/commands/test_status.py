"""The status names dataset, runs, figures and versions, as text and JSON."""

import dataclasses
import json
import shutil

import pytest

from pipeline.commands import cli
from pipeline.commands.pushed_versions import PushedVersion
from pipeline.commands.status import Status
from pipeline.commands.status import describe_status
from pipeline.commands.status import dump_status
from pipeline.commands.status import read_status
from pipeline.runs.dataset_summary import DatasetSummary
from pipeline.runs.execution import execute
from pipeline.runs.figures import Figure
from pipeline.runs.run_folder import RunFolder
from schemas.event_facts import EventFacts
from tests.pipeline.tiny_pipeline import build_measured_pipeline
from tests.pipeline.tiny_pipeline import build_tiny_pipeline

FACTS = EventFacts(num_events=4, num_users=3, first=0, last=86_400)
VERSION = PushedVersion(
    model="shop", number=9, labels=(), is_served=False, problem=""
)
STATUS = Status(
    dataset=DatasetSummary(name="shop", num_events=4, num_items=2, facts=FACTS),
    runs=[],
    judged="one",
    figures=[
        Figure(
            metric="ndcg_at_10",
            value=0.25,
            before=0.5,
            popularity=0.125,
            asked="at least 0.3",
            is_ok=False,
        ),
        Figure(metric="liked_ndcg_at_10", value=0.125),
    ],
    versions=[
        dataclasses.replace(VERSION, is_served=True, labels=("stable",)),
        dataclasses.replace(VERSION, number=10, problem="no saved_model.pb"),
        dataclasses.replace(VERSION, number=11),
    ],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = RunFolder(tmp_path_factory.mktemp("status"))
    # The listener's blessing is the number of letters: 1 is blessed.
    for run_id, words in (("one", "a"), ("two", "hello")):
        execute(
            build_tiny_pipeline(folder, words), folder, run_id, lambda _: None
        )
    return folder


def test_newest_runs_are_listed_with_nodes_and_gates(folder):
    text = "\n".join(describe_status(read_status(folder, 5)))
    first, second = text.split("run two")
    assert "run one" in first
    assert "Listener" in first
    assert "COMPLETE" in first
    assert "blessed: yes" in first
    assert "blessed: no" in second
    assert text.endswith("pushed versions: none")


def test_only_as_many_runs_as_asked_for_are_listed(folder):
    text = "\n".join(describe_status(read_status(folder, 1)))
    assert "run one" not in text
    assert "run two" in text


def test_dataset_figures_and_versions_are_lines():
    assert describe_status(STATUS) == [
        "shop: 4 events of 3 users on 2 items, 1 January 1970 to 2 January"
        " 1970",
        "",
        "figures of run one, and of what was served before",
        "                            now  before  popularity  asked for",
        "  NDCG@10                  0.25     0.5       0.125  MISSED: at least"
        " 0.3",
        "  NDCG@10 of liked items  0.125       –",
        "",
        "pushed versions of shop:",
        "  9  served, stable",
        "  10  BROKEN: no saved_model.pb",
        "  11",
    ]


def test_json_says_the_same(folder):
    told = json.loads(dump_status(STATUS))
    assert told["dataset"]["facts"]["num_users"] == 3
    missed, other = told["figures"]
    assert (missed["value"], missed["before"]) == (0.25, 0.5)
    assert (missed["is_ok"], other["is_ok"]) == (False, None)
    assert [one["problem"] for one in told["versions"]] == [
        "",
        "no saved_model.pb",
        "",
    ]
    (run,) = json.loads(dump_status(read_status(folder, 1)))["runs"]
    assert run["run_id"] == "two"
    assert (run["blessed"], run["pushed"]) == (False, None)
    assert [node["node"] for node in run["nodes"]] == ["Speaker", "Listener"]


def test_status_is_that_of_the_newest_run_whose_files_are_there(tmp_path):
    folder = RunFolder(tmp_path)
    runs = {
        name: execute(
            build_measured_pipeline(folder, number),
            folder,
            name,
            lambda _: None,
        )
        for name, number in (("one", 2), ("two", 4), ("three", 8))
    }

    def remove(name):
        for (artifact,) in runs[name].nodes[0].outputs.values():
            shutil.rmtree(artifact.path)

    def read():
        status = read_status(folder, 5)
        return status.dataset, status.judged, status.figures

    remove("one")
    dataset, judged, (figure,) = read()
    assert (dataset.num_events, judged, figure.value) == (8, "three", 0.125)
    remove("three")
    dataset, judged, (figure,) = read()
    assert (dataset.num_events, judged, figure.value) == (4, "two", 0.25)
    remove("two")
    assert read() == (None, "", [])


def test_command_prints_text_or_json(folder, capsys):
    root = ["--root", str(folder.root)]
    assert cli.main(["status", *root]) == cli.EXIT_OK
    assert "run two" in capsys.readouterr().out
    assert cli.main(["status", "--json", *root]) == cli.EXIT_OK
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 2


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_finished_run_tells_its_figures_and_what_is_served(finished_run):
    status = read_status(finished_run, 1)
    assert status.dataset.num_items == 80  # as conftest.py makes them
    assert status.dataset.facts.num_users == 40
    assert status.dataset.facts.num_events == 40 * 20
    found = {figure.metric: figure for figure in status.figures}
    assert found["ndcg_at_10"].is_ok
    assert found["ndcg_at_10"].asked.startswith("at least 0.01")
    assert 0.0 < found["liked_ndcg_at_10"].value <= 1.0
    assert found["found_by_title"].is_ok
    (version,) = [one for one in status.versions if one.is_served]
    assert not version.problem
