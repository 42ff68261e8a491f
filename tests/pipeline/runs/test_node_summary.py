"""What ingest and the validator found is told below them."""

import json

import pytest

from pipeline.runs.node_summary import describe_node
from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import PipelineRun
from schemas.event_facts import EVENT_FACTS_FILE
from schemas.event_facts import EventFacts
from schemas.event_facts import dump_event_facts

_COUNTS = {
    "events": {
        "read": 1240,
        "used": 1232,
        "ignored": 2,
        "rejected": {"unparsable timestamp": 6},
        "warnings": {"wrong type: value": 3},
        "faults": {
            "unparsable timestamp": "unparsable timestamp: 6 (first at e:7)",
            "wrong type: value": "wrong type: value: 3 (first at e:9)",
        },
    },
    "items": {
        "read": 78,
        "used": 78,
        "rejected": {},
        "warnings": {"one category, or several? categories": 2},
        "faults": {
            "one category, or several? categories": "one category, or "
            "several? categories: 2 (first at i:2)",
        },
    },
}
_FACTS = EventFacts(
    num_events=1234,
    num_users=56,
    first=0,
    last=86_400,
    num_by_split={"train": 1000, "eval": 100, "test": 134},
    num_positive=617,
)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "counts.json").write_text(json.dumps(_COUNTS))
    (tmp_path / EVENT_FACTS_FILE).write_text(dump_event_facts(_FACTS))
    outputs = {
        key: (
            OutputArtifact(
                type_name=type_name, uri=str(tmp_path), properties={}
            ),
        )
        for key, type_name in (
            ("examples", "Examples"),
            ("rejects", "schemas.Rejects"),
            ("report", "schemas.BehaviorReport"),
        )
    }
    node = NodeRun("Ingest", "COMPLETE", 1.0, "", outputs)
    return PipelineRun(run_id="one", nodes=(node,), pipeline_name="shop")


def test_ingest_tells_rows_rejects_users_span_splits_and_likes(run):
    lines = describe_node(run, "BehaviorExampleGen")
    assert lines == [
        "events: 1,240 rows read, 1,232 used, 2 ignored, 6 rejected",
        "  unparsable timestamp: 6 (first at e:7)",
        "  left empty: wrong type: value: 3 (first at e:9)",
        "items: 78 rows read, 78 used",
        "  used as it is: one category, or several? categories: 2 (first at "
        "i:2)",
        "56 users, 1 January 1970 to 2 January 1970",
        "events by split: train 1,000, eval 100, test 134",
        "617 events (50%) count as likes",
    ]


def test_ingest_warns_where_nothing_is_a_like(run, tmp_path):
    facts = json.loads(dump_event_facts(_FACTS)) | {"num_positive": 0}
    (tmp_path / EVENT_FACTS_FILE).write_text(json.dumps(facts))
    last = describe_node(run, "BehaviorExampleGen")[-1]
    assert last.startswith("warning: no event counts as a like")
    assert "positive_value" in last


def test_validator_tells_each_warning_with_an_example(run, tmp_path):
    verdict = {
        "description": "events that repeat user, item, type and time",
        "count": 20,
        "population": 200,
        "share": 0.1,
        "offenders": ["user u, item a", "user v, item b"],
    }
    report = {"a": verdict | {"ok": False}, "b": verdict | {"ok": True}}
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert describe_node(run, "BehaviorValidator") == [
        "warning: events that repeat user, item, type and time: 20 of 200 "
        "(10.0%), for example user u, item a"
    ]


def test_nodes_without_files_and_other_nodes_tell_nothing(run, tmp_path):
    for file in tmp_path.iterdir():
        file.unlink()
    for node_id in ("BehaviorExampleGen", "BehaviorValidator", "Trainer"):
        assert describe_node(run, node_id) == []
