"""TFMA metrics of what the other figures rest on.

A figure is worth what it was made from: answers that are numbers, enough
queries that a slate could have answered, and enough items to choose from.
"""

import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.mean_metric import build_mean_computations


def _build(
    name: str,
    output: str,
    is_sum: bool = False,
    model_names: list[str] | None = None,  # TFMA passes what is named so
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    def read(values: np.ndarray) -> float:
        return float(values[0])

    return build_mean_computations(
        name, output, read, model_names, output_names, is_sum
    )


def _build_non_finite(
    name: str,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    def read(finite: np.ndarray) -> float:
        # Anything but 1 is "no", NaN included.
        return float(finite[0] != 1.0)

    return build_mean_computations(
        name, "finite", read, model_names, output_names
    )


class NonFiniteShare(metric_types.Metric):
    """Share of queries that got an answer which is no finite number."""

    def __init__(self, name: str = "non_finite"):
        super().__init__(_build_non_finite, name=name)


class QueryCount(metric_types.Metric):
    """Number of queries whose true item a slate could have shown."""

    def __init__(self, name: str = "num_queries"):
        super().__init__(_build, name=name, output="candidate", is_sum=True)


class CandidateCount(metric_types.Metric):
    """Mean number of items that compete for a query."""

    def __init__(self, name: str = "num_candidates"):
        super().__init__(_build, name=name, output="num_candidates")


class MetShare(metric_types.Metric):
    """Share of queries whose true item had been met before."""

    def __init__(self, name: str = "met_before"):
        super().__init__(_build, name=name, output="met")
