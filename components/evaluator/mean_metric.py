"""TFMA metrics that are means of one model output over examples."""

import math
from collections.abc import Callable
from collections.abc import Iterable

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.model_outputs import build_computations
from components.evaluator.model_outputs import find_output

Accumulator = tuple[float, int]  # sum, number of examples


class _Mean(beam.CombineFn):
    """Averages or adds up the values that `read` returns."""

    def __init__(
        self,
        key: metric_types.MetricKey,
        read: Callable[[np.ndarray], float | None],
        is_sum: bool,
    ):
        self._key = key
        self._read = read
        self._is_sum = is_sum

    def create_accumulator(self) -> Accumulator:
        return 0.0, 0

    def add_input(
        self,
        accumulator: Accumulator,
        element: metric_types.StandardMetricInputs,
    ) -> Accumulator:
        values = find_output(
            element, self._key.model_name, self._key.output_name
        )
        if values is None:
            # The metric becomes NaN, which passes no change threshold:
            # `EvaluatorConfig` refuses these.
            return accumulator
        number = self._read(values)
        if number is None:
            return accumulator
        total, count = accumulator
        return total + number, count + 1

    def merge_accumulators(
        self, accumulators: Iterable[Accumulator]
    ) -> Accumulator:
        sums, counts = zip(*accumulators, strict=True)
        return sum(sums), sum(counts)

    def extract_output(
        self, accumulator: Accumulator
    ) -> dict[metric_types.MetricKey, float]:
        total, count = accumulator
        if not count:
            return {self._key: math.nan}
        return {self._key: total if self._is_sum else total / count}


def build_mean_computations(
    name: str,
    default_output: str,
    read: Callable[[np.ndarray], float | None],
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
    is_sum: bool = False,
) -> metric_types.MetricComputations:
    """Makes the combiners of a mean.

    Args:
        name: of the metric.
        default_output: the model's output where TFMA names none.
        read: takes one example's output, float `[V]`, to the number that is
            averaged, None = this one does not count. Its errors stop the
            evaluation.
        model_names: TFMA's; several where there is a baseline.
        output_names: TFMA's.
        is_sum: whether to add up instead.

    Returns:
        Means or sums over examples; NaN where there are none, or where the
        baseline lacks the output.
    """
    return build_computations(
        default_output,
        lambda key: _Mean(key, read, is_sum),
        (),
        name,
        model_names,
        output_names,
    )
