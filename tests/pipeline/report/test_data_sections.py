"""What came in, from the files that nodes leave."""

import json

import pytest
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tensorflow_metadata.proto.v0 import statistics_pb2

from pipeline.report.data_sections import ABSENT
from pipeline.report.data_sections import render_anomalies
from pipeline.report.data_sections import render_behaviour
from pipeline.report.data_sections import render_rejects
from pipeline.report.data_sections import render_statistics
from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import PipelineRun
from schemas.events import SPLITS

SECTIONS = (
    render_anomalies,
    render_behaviour,
    render_rejects,
    render_statistics,
)


def _run(folder, type_name):
    artifact = OutputArtifact(
        type_name=type_name, uri=str(folder), properties={}
    )
    node = NodeRun("N", "COMPLETE", 1.0, "", {"out": (artifact,)})
    return PipelineRun(run_id="one", nodes=(node,))


def _write(folder, split, name, message):
    path = folder / f"Split-{split}"
    path.mkdir()
    (path / name).write_bytes(message.SerializeToString())


@pytest.mark.parametrize("render", SECTIONS)
def test_run_that_did_not_get_that_far_says_so(render):
    assert ABSENT in render(PipelineRun(run_id="one", nodes=()))


def test_rejected_rows_are_told_with_their_reasons(tmp_path):
    counts = {
        "events": {"read": 5, "used": 3, "rejected": {"no item": 2}},
        "items": {"read": 4, "used": 4, "rejected": {}},
    }
    (tmp_path / "counts.json").write_text(json.dumps(counts))
    html = render_rejects(_run(tmp_path, "schemas.Rejects"))
    assert ">no item: 2<" in html
    assert ">none<" in html


def test_times_are_days_and_other_numbers_a_range(tmp_path):
    statistics = statistics_pb2.DatasetFeatureStatisticsList()
    dataset = statistics.datasets.add(num_examples=7)
    for name, high in (("timestamp", 86_400.0), ("value", 5.0)):
        feature = dataset.features.add()
        feature.path.step.append(name)
        feature.num_stats.max = high
        feature.num_stats.mean = high / 2
    for split in SPLITS:
        _write(tmp_path, split, "FeatureStats.pb", statistics)
    html = render_statistics(_run(tmp_path, "ExampleStatistics"))
    assert "train: 7 windows" in html
    assert ">1 January 1970 to 2 January 1970<" in html
    assert ">0 to 5, mean 2.5<" in html


def test_anomaly_is_told_with_its_split(tmp_path):
    anomalies = anomalies_pb2.Anomalies()
    anomalies.anomaly_info["value"].short_description = "too high"
    _write(tmp_path, "eval", "SchemaDiff.pb", anomalies)
    html = render_anomalies(_run(tmp_path, "ExampleAnomalies"))
    assert ">eval<" in html
    assert ">too high<" in html


def test_data_without_an_anomaly_fits(tmp_path):
    html = render_anomalies(_run(tmp_path, "ExampleAnomalies"))
    assert "fits the curated schema" in html


def test_checks_of_behaviour_are_told_in_words_and_per_cent(tmp_path):
    check = {
        "description": "events later than now",
        "count": 7,
        "share": 0.00007,
        "threshold": 0.01,
        "action": "warn",
        "ok": True,
    }
    (tmp_path / "report.json").write_text(json.dumps({"future": check}))
    html = render_behaviour(_run(tmp_path, "schemas.BehaviorReport"))
    assert ">events later than now<" in html
    assert ">0.007%<" in html
    assert ">1%<" in html
