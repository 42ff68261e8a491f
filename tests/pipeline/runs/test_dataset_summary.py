"""A dataset is told in one line."""

import json

from pipeline.runs.dataset_summary import read_counts
from pipeline.runs.dataset_summary import summarise_dataset
from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import PipelineRun
from schemas.event_facts import EVENT_FACTS_FILE
from schemas.event_facts import EventFacts
from schemas.event_facts import dump_event_facts

FACTS = EventFacts(num_events=1234, num_users=56, first=0, last=86_400)


def _run(folder, facts=None):
    counts = {
        "events": {"read": 1240, "used": 1234, "rejected": {"late": 6}},
        "items": {"read": 78, "used": 78, "rejected": {}},
    }
    (folder / "counts.json").write_text(json.dumps(counts))
    if facts:
        (folder / EVENT_FACTS_FILE).write_text(dump_event_facts(facts))
    outputs = {
        key: (
            OutputArtifact(type_name=type_name, uri=str(folder), properties={}),
        )
        for key, type_name in (
            ("examples", "Examples"),
            ("rejects", "schemas.Rejects"),
        )
    }
    node = NodeRun("Ingest", "COMPLETE", 1.0, "", outputs)
    return PipelineRun(run_id="one", nodes=(node,), pipeline_name="shop")


def test_line_tells_name_size_and_span(tmp_path):
    assert summarise_dataset(_run(tmp_path, FACTS)).describe() == (
        "shop: 1,234 events of 56 users on 78 items, 1 January 1970 to"
        " 2 January 1970"
    )


def test_run_from_before_tells_what_it_knows(tmp_path):
    assert summarise_dataset(_run(tmp_path)).describe() == (
        "shop: 1,234 events on 78 items"
    )


def test_run_whose_files_are_gone_has_none(tmp_path):
    run = _run(tmp_path, FACTS)
    (tmp_path / "counts.json").unlink()
    assert read_counts(run) is None
    assert summarise_dataset(run) is None


def test_run_without_an_ingest_has_none():
    run = PipelineRun(run_id="one", nodes=())
    assert summarise_dataset(run) is None
    assert read_counts(run) is None
