"""Runs whose artifacts are a few JSON files."""

import json
from pathlib import Path

from components.evaluator.figures import FIGURES_FILE
from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import PipelineRun
from schemas.artifact_files import SERVING_VALIDATION_FILE


def record_threshold(metric, value, is_ok=True, **changes):
    """One entry of `thresholds`, as the evaluation writes it."""
    return {
        "slice": "",
        "metric": metric,
        "kind": "value",
        "at_least": None,
        "at_most": None,
        "value": value,
        "ok": is_ok,
        "message": "",
    } | changes


def record_evaluation(thresholds=(), **models):
    """As `read_evaluation`; each model is its metrics of all queries."""
    return {
        "is_ok": all(one["ok"] for one in thresholds),
        "metrics": {"": models},
        "thresholds": list(thresholds),
    }


def record_validation(share, p50):
    """As `serving_validation.json`, with its defaults."""
    return {
        "num_requests": 200,
        "latency_ms": {"p50": p50, "p99": 9.0, "max_p50": 250, "max_p99": 500},
        "score_difference": {"largest": 0.0, "max": 1e-4},
        "found_by_title": {"share": share, "min": 0.9},
    }


def record_run(
    folder: Path, run_id: str, evaluation=None, validation=None, version=None
) -> PipelineRun:
    """Writes the files of a run; `version` is what it pushed."""
    outputs = {}

    def add(type_name, name, content, properties):
        path = folder / run_id / type_name
        path.mkdir(parents=True)
        (path / name).write_text(json.dumps(content))
        outputs[type_name] = (
            OutputArtifact(
                type_name=type_name, uri=str(path), properties=properties
            ),
        )

    if evaluation is not None:
        add("ModelEvaluation", FIGURES_FILE, evaluation, {})
        blessed = {"blessed": int(evaluation["is_ok"])}
        add("ModelBlessing", "x", {}, blessed)
    if validation is not None:
        add(
            "InfraBlessing", SERVING_VALIDATION_FILE, validation, {"blessed": 1}
        )
    if version is not None:
        pushed = {"pushed": 1, "pushed_version": str(version)}
        add("PushedModel", "x", {}, pushed)
    node = NodeRun(
        node_id="Gate", state="COMPLETE", seconds=1.0, error="", outputs=outputs
    )
    return PipelineRun(run_id=run_id, nodes=(node,), pipeline_name="shop")
