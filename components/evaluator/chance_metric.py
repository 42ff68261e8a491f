"""TFMA metric that compares NDCG@10 with that of a random order.

The fewer items compete, the more a random order finds: of 60 items it has an
NDCG@10 of 0.076, of 450 items 0.010. One absolute threshold cannot tell a
model from a random order in every catalogue.
"""

import itertools
import math
from collections.abc import Iterable
from functools import partial

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.model_outputs import build_computations
from components.evaluator.model_outputs import find_output
from components.evaluator.rank_metrics import RANK_OUTPUT
from components.evaluator.rank_metrics import compute_ndcg_gain
from components.evaluator.rank_metrics import read_rank

# Sum of what the gains are above their expected value; sum of the variances.
Accumulator = tuple[float, float]

_K = 10
_GAINS = [compute_ndcg_gain(rank, _K) for rank in range(1, _K + 1)]
# Sums over the first 0, 1, ... K ranks.
_GAIN_SUMS = list(itertools.accumulate(_GAINS, initial=0.0))
_SQUARE_SUMS = list(itertools.accumulate((g * g for g in _GAINS), initial=0.0))


def compute_random_gain(num_candidates: float) -> tuple[float, float]:
    """Computes what a random order gains from one query.

    Args:
        num_candidates: N, how many items compete, at least 1. Each rank from
            1 to N is as likely as the others.

    Returns:
        Mean and variance of the gain at 10.
    """
    num_gains = int(min(num_candidates, _K))
    mean = _GAIN_SUMS[num_gains] / num_candidates
    variance = _SQUARE_SUMS[num_gains] / num_candidates - mean * mean
    return mean, variance


class _StandardErrors(beam.CombineFn):
    """Adds up gains, and what a random order would gain."""

    def __init__(self, key: metric_types.MetricKey):
        self._key = key

    def create_accumulator(self) -> Accumulator:
        return 0.0, 0.0

    def add_input(
        self,
        accumulator: Accumulator,
        element: metric_types.StandardMetricInputs,
    ) -> Accumulator:
        found = [
            find_output(element, self._key.model_name, output)
            for output in (RANK_OUTPUT, "num_candidates", "candidate")
        ]
        if any(values is None for values in found):
            return accumulator
        rank = read_rank(found[0])
        num_candidates, candidate = float(found[1][0]), float(found[2][0])
        if candidate != 1.0 or not num_candidates >= 1.0:
            return accumulator
        mean, variance = compute_random_gain(num_candidates)
        # Beyond all candidates ranks what has no finite score.
        gain = compute_ndcg_gain(rank, _K) if rank <= num_candidates else 0.0
        above, total = accumulator
        return above + gain - mean, total + variance

    def merge_accumulators(
        self, accumulators: Iterable[Accumulator]
    ) -> Accumulator:
        above, variances = zip(*accumulators, strict=True)
        return sum(above), sum(variances)

    def extract_output(
        self, accumulator: Accumulator
    ) -> dict[metric_types.MetricKey, float]:
        above, variance = accumulator
        if not variance > 0.0:
            return {self._key: math.nan}
        return {self._key: above / math.sqrt(variance)}


_compute = partial(build_computations, RANK_OUTPUT, _StandardErrors, ())


class AboveChance(metric_types.Metric):
    """Standard errors by which NDCG@10 is above that of a random order.

    Of random orders, drawn anew for each query, fewer than 1 in 100 reach 3
    where there are several queries for each item. Up to 1 in 20 do where a
    random order finds one item or none in all queries together: there it is
    low thresholds on `ndcg_at_10` and `recall_at_10` that refuse it.

    A true item that no slate could show is a miss for the model and for a
    random order alike, so that its query changes nothing. The metric is NaN
    where no query is left, where one item or none competes, and for a baseline
    that lacks an output.

    Source:
        The z statistic of a mean whose variance under the null hypothesis is
        known.
    """

    def __init__(self, name: str = "above_chance"):
        super().__init__(_compute, name=name)
