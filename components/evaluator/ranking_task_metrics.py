"""TFMA metrics of the ranking task that are NaN if there is nothing to measure.

TFMA's RMSE of no rated example and its AUC of a single class are both 0.0,
although nothing was measured. Here both are NaN, which meets no threshold and
is shown as "no value".
"""

import math
from collections.abc import Iterable

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import binary_confusion_matrices
from tensorflow_model_analysis.metrics import confusion_matrix_metrics
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.metrics import metric_util
from tensorflow_model_analysis.proto import config_pb2
from typing_extensions import override

Accumulator = tuple[float, float]  # weighted squared errors, weights


class _RootMeanSquare(beam.CombineFn):
    """Averages squared errors by weight."""

    def __init__(
        self,
        key: metric_types.MetricKey,
        eval_config: config_pb2.EvalConfig | None,
    ):
        self._key = key
        self._eval_config = eval_config

    @override
    def create_accumulator(self) -> Accumulator:
        return 0.0, 0.0

    @override
    def add_input(
        self,
        accumulator: Accumulator,
        element: metric_types.StandardMetricInputs,
    ) -> Accumulator:
        errors, weights = accumulator
        for (
            label,
            rating,
            weight,
        ) in metric_util.to_label_prediction_example_weight(
            element,
            eval_config=self._eval_config,
            model_name=self._key.model_name,
            output_name=self._key.output_name,
            example_weighted=self._key.example_weighted,
        ):
            error = np.square(label.astype(float) - rating.astype(float))
            errors += float(np.sum(weight * error))
            weights += float(np.sum(weight))
        return errors, weights

    @override
    def merge_accumulators(
        self, accumulators: Iterable[Accumulator]
    ) -> Accumulator:
        errors, weights = zip(*accumulators, strict=True)
        return sum(errors), sum(weights)

    @override
    def extract_output(
        self, accumulator: Accumulator
    ) -> dict[metric_types.MetricKey, float]:
        errors, weights = accumulator
        mean = errors / weights if weights else math.nan
        return {self._key: math.sqrt(mean)}


def _build_rmse(
    name: str | None = None,
    eval_config: config_pb2.EvalConfig | None = None,
    model_name: str = "",
    output_name: str = "",
    example_weighted: bool = False,
) -> metric_types.MetricComputations:
    key = metric_types.MetricKey(
        name=name,
        model_name=model_name,
        output_name=output_name,
        example_weighted=example_weighted,
    )
    combiner = _RootMeanSquare(key, eval_config)
    return [
        metric_types.MetricComputation(
            keys=[key], preprocessors=None, combiner=combiner
        )
    ]


class RatingRmse(metric_types.Metric):
    """Root of the mean squared error; NaN where the weights are all 0."""

    def __init__(self, name: str = "rmse"):
        super().__init__(
            metric_util.merge_per_key_computations(_build_rmse), name=name
        )


class SuccessAuc(confusion_matrix_metrics.AUC):
    """Area under the ROC curve; NaN where one of the classes is missing."""

    def __init__(self, name: str = "auc"):
        super().__init__(name=name)

    @override
    def _metric_value(
        self,
        curve: str,
        summation_method: str,
        key: metric_types.MetricKey,
        matrices: binary_confusion_matrices.Matrices,
    ) -> float:
        positives = matrices.tp[0] + matrices.fn[0]
        negatives = matrices.fp[0] + matrices.tn[0]
        if not positives or not negatives:
            return math.nan
        return super()._metric_value(curve, summation_method, key, matrices)
