"""The figures that decide about a model, beside what is asked for.

Free of TensorFlow.
"""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.evaluator.config import OVERALL
from components.evaluator.figures import BASELINE
from components.evaluator.figures import CANDIDATE
from components.evaluator.figures import load_figures
from pipeline.runs.figure_names import LATENCY
from pipeline.runs.figure_names import LIKING
from pipeline.runs.figure_names import SEARCH
from pipeline.runs.figure_names import TOUCHING
from pipeline.runs.figure_names import find_place
from pipeline.runs.figure_names import name_metric
from pipeline.runs.figure_names import name_slice
from pipeline.runs.figure_names import write_figure
from pipeline.runs.run_history import PipelineRun
from schemas.artifact_files import SERVING_VALIDATION_FILE

MODEL_EVALUATION = "ModelEvaluation"  # TFX's names of artifact types
INFRA_BLESSING = "InfraBlessing"
PUSHED_MODEL = "PushedModel"

# Without a threshold they are shown all the same.
_ALWAYS = (LIKING, TOUCHING)

# Beside FIGURES_FILE: what showing everybody the most popular items reaches.
POPULARITY_FILE = "popularity.json"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a model.

    Attributes:
        metric: as the evaluation names it.
        slice_name: "feature=value"; "" = all queries.
        value: None = there is none.
        before: that of the model that was served before; None = unknown.
        popularity: what the most popular items reach; None = not measured.
        asked: what it is held against, in words; "" = nothing.
        is_ok: None = nothing is asked.
    """

    metric: str
    slice_name: str = OVERALL
    value: float | None
    before: float | None = None
    popularity: float | None = None
    asked: str = ""
    is_ok: bool | None = None

    @property
    def name(self) -> str:
        if not self.slice_name:
            return name_metric(self.metric)
        return f"{name_metric(self.metric)}, {name_slice(self.slice_name)}"

    def write_change(self) -> str:
        """Writes by how much it differs from the one before; "" = unknown."""
        if self.value is None or self.before is None:
            return ""
        change = self.value - self.before
        text = write_figure(self.metric, abs(change))
        if text == write_figure(self.metric, 0.0):
            return "as before"
        return f"{'+' if change > 0 else '−'}{text}"


def load_evaluation(run: PipelineRun) -> dict[str, Any] | None:
    """Reads a run's evaluation, as `read_evaluation`; None = it has none.

    Its folder may have been cleared away since; what is left of it may hold
    no figures.
    """
    artifact = run.find_output(MODEL_EVALUATION)
    if artifact is None or not artifact.path.is_dir():
        return None
    try:
        return load_figures(artifact.path)
    except FileNotFoundError:
        return None


def load_serving_validation(run: PipelineRun) -> dict[str, Any] | None:
    """Reads `serving_validation.json` of a run; None = it has none."""
    artifact = run.find_output(INFRA_BLESSING)
    if artifact is None:
        return None
    file = artifact.path / SERVING_VALIDATION_FILE
    if not file.exists():
        return None
    return json.loads(file.read_text(encoding="utf-8"))


def find_pushed_before(
    runs: Sequence[PipelineRun], run: PipelineRun
) -> PipelineRun | None:
    """Finds the run that pushed the last model before another one.

    Args:
        runs: oldest first, with `run`.
        run: whose model is not the answer, whichever run pushed it.
    """
    own = run.find_output(MODEL_EVALUATION)
    for earlier in reversed(runs[: runs.index(run)]):
        pushed = earlier.find_output(PUSHED_MODEL)
        evaluation = earlier.find_output(MODEL_EVALUATION)
        if pushed is None or pushed.properties.get("pushed") != 1:
            continue
        if own is None or evaluation is None or evaluation.uri != own.uri:
            return earlier
    return None


def list_figures(
    run: PipelineRun, before: PipelineRun | None = None
) -> list[Figure]:
    """Lists what gates measured, with what they asked for.

    Args:
        run: whose model it is.
        before: the run that pushed the last model; None = there is none.

    Returns:
        First what describes the whole model, then thresholds on slices;
        nothing where no gate has run.
    """
    evaluation = load_evaluation(run)
    figures = []
    if evaluation is not None:
        figures += _list_evaluated(evaluation, before, load_popularity(run))
    validation = load_serving_validation(run)
    if validation and validation.get("num_requests"):  # none if not tried
        past = before and load_serving_validation(before)
        figures += _list_served(validation, past)
    return sorted(
        figures,
        key=lambda one: (
            one.slice_name != OVERALL,
            find_place(one.metric),
            one.slice_name,
        ),
    )


def load_popularity(run: PipelineRun) -> dict[str, float]:
    """Reads what popularity reaches by metric; {} = it was not measured."""
    artifact = run.find_output(MODEL_EVALUATION)
    file = None if artifact is None else artifact.path / POPULARITY_FILE
    if file is None or not file.exists():
        return {}
    return json.loads(file.read_text(encoding="utf-8"))


def _list_evaluated(
    evaluation: Mapping[str, Any],
    before: PipelineRun | None,
    popularity: Mapping[str, float],
) -> list[Figure]:
    """Joins the thresholds on a value with those on its change."""
    metrics = evaluation["metrics"]
    places = [(OVERALL, metric) for metric in _ALWAYS]
    places += [
        (row["slice"], row["metric"]) for row in evaluation["thresholds"]
    ]
    past = _find_past(metrics, before)
    figures = []
    for place in dict.fromkeys(places):
        slice_name, metric = place
        rows = [
            row
            for row in evaluation["thresholds"]
            if (row["slice"], row["metric"]) == place
        ]
        measured = metrics.get(slice_name, {}).get(CANDIDATE, {})
        if not rows and measured.get(metric) is None:
            continue
        figures.append(
            Figure(
                metric=metric,
                slice_name=slice_name,
                value=measured.get(metric),
                before=past.get(slice_name, {}).get(metric),
                popularity=None if slice_name else popularity.get(metric),
                asked="; ".join(_write_threshold(row) for row in rows),
                is_ok=all(row["ok"] for row in rows) if rows else None,
            )
        )
    return figures


def _find_past(
    metrics: Mapping[str, Any], before: PipelineRun | None
) -> dict[str, dict[str, float | None]]:
    """Returns slice to metric to value of the model served before.

    The baseline has answered the same queries; where there is none, what the
    run before measured on its own queries is all that is known.
    """
    found = {
        name: models[BASELINE]
        for name, models in metrics.items()
        if BASELINE in models
    }
    if found or before is None:
        return found
    earlier = load_evaluation(before)
    return {
        name: models.get(CANDIDATE, {})
        for name, models in (earlier["metrics"] if earlier else {}).items()
    }


def _write_threshold(row: Mapping[str, Any]) -> str:
    """Writes what one threshold asks for."""
    if row["kind"] == "change":
        # One side is bounded: by how much it may be worse.
        low = row["at_least"]
        bound = abs(row["at_most"] if low is None else low)
        worse = "more" if low is None else "less"
        return (
            f"at most {write_figure(row['metric'], bound)} {worse} than before"
        )
    return "; ".join(
        f"at {side} {write_figure(row['metric'], row[f'at_{side}'])}"
        for side in ("least", "most")
        if row[f"at_{side}"] is not None
    )


def _list_served(
    validation: Mapping[str, Any], past: Mapping[str, Any] | None
) -> list[Figure]:
    """Lists what ServingValidator measured on a server with the model."""
    before = _read_served(past or {})
    bounds = {
        SEARCH: ("least", validation.get("found_by_title", {}).get("min")),
        LATENCY: ("most", validation["latency_ms"]["max_p50"]),
        "latency_p99": ("most", validation["latency_ms"]["max_p99"]),
        "score_difference": ("most", validation["score_difference"]["max"]),
    }
    figures = []
    for metric, value in _read_served(validation).items():
        side, bound = bounds[metric]
        if value is None or bound is None:
            continue  # not asked, or by an older version
        is_ok = value >= bound if side == "least" else value <= bound
        figures.append(
            Figure(
                metric=metric,
                value=value,
                before=before.get(metric),
                asked=f"at {side} {write_figure(metric, bound)}",
                is_ok=is_ok,
            )
        )
    return figures


def _read_served(validation: Mapping[str, Any]) -> dict[str, float | None]:
    latency = validation.get("latency_ms", {})
    return {
        SEARCH: validation.get("found_by_title", {}).get("share"),
        LATENCY: latency.get("p50"),
        "latency_p99": latency.get("p99"),
        "score_difference": validation.get("score_difference", {}).get(
            "largest"
        ),
    }
