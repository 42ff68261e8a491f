"""Reads the results of TFX's Evaluator, for the CLI and the report."""

import json
import math
from typing import Any

import tensorflow as tf
from tensorflow_model_analysis.metrics import metric_specs
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.proto import metrics_for_slice_pb2
from tensorflow_model_analysis.proto import validation_result_pb2
from tensorflow_model_analysis.slicer import slicer_lib
from tensorflow_model_analysis.writers import eval_config_writer
from tensorflow_model_analysis.writers import (
    metrics_plots_and_validations_writer as results_writer,
)

from components.evaluator.config import OVERALL
from components.evaluator.figures import BASELINE
from components.evaluator.figures import CANDIDATE
from components.evaluator.figures import CHANGE
from components.evaluator.figures import FIGURES_FILE


def write_figures(uri: str) -> None:
    """Puts the figures beside TFMA's records, for `load_figures`.

    Args:
        uri: folder of the `ModelEvaluation` artifact.
    """
    text = json.dumps(read_evaluation(uri), indent=2)
    with tf.io.gfile.GFile(f"{uri}/{FIGURES_FILE}", "w") as file:
        file.write(text + "\n")


def read_evaluation(uri: str) -> dict[str, Any]:
    """Reads metrics per slice and the verdict on each threshold.

    Imports TensorFlow Model Analysis: `load_figures` does not have to.

    Args:
        uri: folder of the `ModelEvaluation` artifact.

    Returns:
        A JSON-able dict:
            `is_ok`: bool, True if every threshold holds.
            `metrics`: {slice: {model: {metric: float or None}}}, where slice
                is "" (overall) or "feature=value" and model is "candidate",
                "baseline" or "change" (candidate minus baseline). The last
                two are there only if a model was served.
            `thresholds`: a list of {slice, metric, kind, at_least, at_most,
                value, ok, message}, where kind is "value" or "change".

    Raises:
        FileNotFoundError: nothing was written below `uri`.
    """
    eval_run = eval_config_writer.load_eval_run(uri)
    eval_config = eval_run[0]
    if eval_config is None:
        raise FileNotFoundError(
            f"`uri` must hold an evaluation. Received: uri={uri!r}, which has "
            "no eval_config.json."
        )
    metrics: dict[str, dict[str, dict[str, float | None]]] = {}
    for record in results_writer.load_and_deserialize_metrics(uri):
        metrics[_name_slice(record.slice_key)] = _collect_metrics(record)
    result = results_writer.load_and_deserialize_validation_result(uri)
    return {
        "is_ok": result.validation_ok,
        "metrics": dict(sorted(metrics.items())),
        "thresholds": _collect_thresholds(eval_config, metrics, result),
    }


def _name_slice(slice_key: metrics_for_slice_pb2.SliceKey) -> str:
    parts = []
    for single in slice_key.single_slice_keys:
        kind = single.WhichOneof("kind")
        value = getattr(single, kind) if kind else ""
        text = value.decode() if isinstance(value, bytes) else str(value)
        parts.append(f"{single.column}={text}")
    return ", ".join(parts) or OVERALL


def _collect_metrics(
    record: metrics_for_slice_pb2.MetricsForSlice,
) -> dict[str, dict[str, float | None]]:
    metrics: dict[str, dict[str, float | None]] = {}
    for pair in record.metric_keys_and_values:
        if pair.value.WhichOneof("type") != "double_value":
            continue
        value = pair.value.double_value.value
        model = CHANGE if pair.key.is_diff else pair.key.model_name or CANDIDATE
        finite = value if math.isfinite(value) else None
        metrics.setdefault(model, {})[pair.key.name] = finite
    return metrics


def _collect_thresholds(
    eval_config: config_pb2.EvalConfig,
    metrics: dict[str, dict[str, dict[str, float | None]]],
    result: validation_result_pb2.ValidationResult,
) -> list[dict[str, Any]]:
    """Returns each threshold with the value it was compared with."""
    failures = {
        (_name_slice(failed.slice_key), *_name_failure(failure)): (
            failure.message.strip()
        )
        for failed in result.metric_validations_per_slice
        for failure in failed.failures
    }
    rows = []
    by_key = metric_specs.metric_thresholds_from_metrics_specs(
        eval_config.metrics_specs, eval_config=eval_config
    )
    for key, slices in by_key.items():
        if key.model_name == BASELINE:
            continue
        model = CHANGE if key.is_diff else CANDIDATE
        for slicing_spec, threshold in slices:
            name = _name_slicing_spec(slicing_spec)
            at_least, at_most = _read_bounds(threshold)
            place = (name, key.name, "change" if key.is_diff else "value")
            present = name in metrics
            rows.append(
                {
                    "slice": name,
                    "metric": key.name,
                    "kind": place[2],
                    "at_least": at_least,
                    "at_most": at_most,
                    "value": metrics.get(name, {}).get(model, {}).get(key.name),
                    "ok": present and place not in failures,
                    "message": failures.get(place, "")
                    if present
                    else "No example belongs to this slice.",
                }
            )
    return rows


def _name_failure(
    failure: validation_result_pb2.ValidationFailure,
) -> tuple[str, str]:
    kind = "change" if failure.metric_key.is_diff else "value"
    return failure.metric_key.name, kind


def _name_slicing_spec(spec: config_pb2.SlicingSpec | None) -> str:
    if spec is None:
        return OVERALL
    columns = slicer_lib.SingleSliceSpec(spec=spec).to_proto().feature_values
    pairs = (f"{feature}={value}" for feature, value in columns.items())
    return ", ".join(pairs) or OVERALL


def _read_bounds(
    threshold: config_pb2.GenericValueThreshold
    | config_pb2.GenericChangeThreshold,
) -> tuple[float | None, float | None]:
    """Returns the lowest and highest value that passes; None = unbounded."""
    if isinstance(threshold, config_pb2.GenericChangeThreshold):
        bound = threshold.absolute.value
        is_lower_better = (
            threshold.direction == config_pb2.MetricDirection.LOWER_IS_BETTER
        )
        return (None, bound) if is_lower_better else (bound, None)
    has_lower = threshold.HasField("lower_bound")
    has_upper = threshold.HasField("upper_bound")
    return (
        threshold.lower_bound.value if has_lower else None,
        threshold.upper_bound.value if has_upper else None,
    )
