"""Translates `EvaluatorConfig` into TFMA's `EvalConfig`.

One nameless model spec: TFX copies it for the baseline, names the two, and
drops the change thresholds while no model has been blessed yet. The outputs
have different labels, which TFMA looks up by output name.

Thresholds are `per_slice_thresholds` throughout, because a plain threshold
holds for every slice that is computed; and `min_slice_size` stays unset,
because together with a threshold it blocks the blessing.
"""

import json
from collections.abc import Iterable

from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.config import EvaluatorConfig
from components.evaluator.config import MetricThreshold
from schemas import events
from schemas import signatures
from trainer.tasks import TASKS
from trainer.tasks import Evaluation

# Metric name to the class that computes it, and its settings.
_METRICS = {
    "recall_at_10": ("RecallAtK", {"k": 10}),
    "ndcg_at_10": ("NdcgAtK", {"k": 10}),
    "mrr": ("MeanReciprocalRank", {}),
    "liked_ndcg_at_10": ("LikedNdcgAtK", {"k": 10}),
    **{
        f"exposure_{bucket}": ("ExposureShare", {"bucket": bucket})
        for bucket in events.ITEM_BUCKETS
    },
    "rmse": ("RatingRmse", {}),
    "auc": ("SuccessAuc", {}),
    "non_finite": ("NonFiniteShare", {}),
    "num_queries": ("QueryCount", {}),
    "num_users": ("UserCount", {}),
    "num_candidates": ("CandidateCount", {}),
    "above_chance": ("AboveChance", {}),
    "met_before": ("MetShare", {}),
}
# What the figures of the tasks rest on.
_EVIDENCE = tuple(
    Evaluation(output=output, metrics=metrics)
    for output, metrics in (
        ("finite", ("non_finite",)),
        ("candidate", ("num_queries", "num_users")),
        ("num_candidates", ("num_candidates",)),
        ("rank", ("above_chance",)),
        ("met", ("met_before",)),
    )
)
_MODULES = {
    "RecallAtK": "components.evaluator.rank_metrics",
    "NdcgAtK": "components.evaluator.rank_metrics",
    "MeanReciprocalRank": "components.evaluator.rank_metrics",
    "LikedNdcgAtK": "components.evaluator.rank_metrics",
    "ExposureShare": "components.evaluator.exposure_metrics",
    "NonFiniteShare": "components.evaluator.evidence_metrics",
    "QueryCount": "components.evaluator.evidence_metrics",
    "CandidateCount": "components.evaluator.evidence_metrics",
    "MetShare": "components.evaluator.evidence_metrics",
    "UserCount": "components.evaluator.user_metric",
    "AboveChance": "components.evaluator.chance_metric",
    "RatingRmse": "components.evaluator.ranking_task_metrics",
    "SuccessAuc": "components.evaluator.ranking_task_metrics",
}
_LOWER_IS_BETTER = ("rmse", "non_finite", "met_before")


def build_eval_config(config: EvaluatorConfig) -> config_pb2.EvalConfig:
    """Builds the settings of TFX's Evaluator.

    Args:
        config: metrics, slices and thresholds.

    Returns:
        Settings that read `serving_default` of a plain SavedModel on raw
        Examples.
    """
    evaluations = [
        *_EVIDENCE,
        *(
            evaluation
            for name, task in TASKS.items()
            for evaluation in task.evaluations
            if name != "ranking" or config.ranking_task
        ),
    ]
    thresholds = config.list_all_thresholds()
    eval_config = config_pb2.EvalConfig(
        model_specs=[_build_model_spec(evaluations)],
        metrics_specs=[
            config_pb2.MetricsSpec(
                metrics=[config_pb2.MetricConfig(class_name="ExampleCount")]
            ),
            *(
                _build_metrics_spec(evaluation, thresholds)
                for evaluation in evaluations
            ),
        ],
        slicing_specs=[
            config_pb2.SlicingSpec(),
            *(
                config_pb2.SlicingSpec(feature_keys=[feature])
                for feature in config.slice_features
            ),
        ],
    )
    eval_config.options.include_default_metrics.value = False
    return eval_config


def _build_model_spec(
    evaluations: Iterable[Evaluation],
) -> config_pb2.ModelSpec:
    spec = config_pb2.ModelSpec(
        model_type="tf_generic", signature_name=signatures.SERVING_DEFAULT
    )
    for evaluation in evaluations:
        if evaluation.label:
            spec.label_keys[evaluation.output] = evaluation.label
        if evaluation.weight:
            spec.example_weight_keys[evaluation.output] = evaluation.weight
    return spec


def _build_metrics_spec(
    evaluation: Evaluation, thresholds: Iterable[MetricThreshold]
) -> config_pb2.MetricsSpec:
    weights = config_pb2.ExampleWeightOptions()
    if evaluation.weight:
        weights.weighted = True
    else:
        weights.unweighted = True
    return config_pb2.MetricsSpec(
        output_names=[evaluation.output],
        example_weights=weights,
        metrics=[
            _build_metric(name, *_METRICS[name], thresholds)
            for name in evaluation.metrics
        ],
    )


def _build_metric(
    name: str,
    class_name: str,
    options: dict[str, int | str],
    thresholds: Iterable[MetricThreshold],
) -> config_pb2.MetricConfig:
    return config_pb2.MetricConfig(
        class_name=class_name,
        module=_MODULES[class_name],
        config=json.dumps({"name": name} | options),
        per_slice_thresholds=[
            config_pb2.PerSliceMetricThreshold(
                slicing_specs=[_build_slicing_spec(threshold.slice)],
                threshold=_build_threshold(threshold),
            )
            for threshold in thresholds
            if threshold.metric == name
        ],
    )


def _build_slicing_spec(slice_name: str) -> config_pb2.SlicingSpec:
    if not slice_name:
        return config_pb2.SlicingSpec()
    feature, _, value = slice_name.partition("=")
    return config_pb2.SlicingSpec(feature_values={feature: value})


def _build_threshold(threshold: MetricThreshold) -> config_pb2.MetricThreshold:
    result = config_pb2.MetricThreshold()
    if threshold.at_least is not None:
        result.value_threshold.lower_bound.value = threshold.at_least
    if threshold.at_most is not None:
        result.value_threshold.upper_bound.value = threshold.at_most
    if threshold.may_worsen_by is not None:
        change = result.change_threshold
        if threshold.metric in _LOWER_IS_BETTER:
            change.direction = config_pb2.MetricDirection.LOWER_IS_BETTER
            change.absolute.value = threshold.may_worsen_by
        else:
            change.direction = config_pb2.MetricDirection.HIGHER_IS_BETTER
            change.absolute.value = -threshold.may_worsen_by
    return result
