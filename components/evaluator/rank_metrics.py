"""TFMA metrics over the rank of the true item in the whole catalogue.

TFMA's own ranking metrics score given candidate lists, one row a candidate.
Our model answers with the 1-based rank itself, so each example is a row and
the metrics below are means over examples: Recall@k with one relevant item,
NDCG@k whose ideal gain is then 1, and the mean reciprocal rank.
"""

import math
from collections.abc import Callable
from collections.abc import Iterable

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.utils import util

RANK_OUTPUT = "rank"

Accumulator = tuple[float, int]  # sum of gains, number of examples


def compute_recall_gain(rank: float, k: int) -> float:
    """1 where the true item is among the first k, else 0."""
    return float(rank <= k)


def compute_ndcg_gain(rank: float, k: int) -> float:
    """1 / log2(rank + 1) where the true item is among the first k, else 0.

    Source:
        Järvelin and Kekäläinen, TOIS 2002, doi:10.1145/582415.582418, with
        the base-2 discount of Burges et al. 2005.
    """
    return 1.0 / math.log2(rank + 1.0) if rank <= k else 0.0


def compute_reciprocal_gain(rank: float, k: int) -> float:
    """1 / rank; `k` is not used, the whole catalogue counts."""
    del k
    return 1.0 / rank


class _MeanGain(beam.CombineFn):
    """Averages the gain of the ranks under one metric key."""

    def __init__(
        self,
        key: metric_types.MetricKey,
        gain: Callable[[float, int], float],
        k: int,
    ):
        self._key = key
        self._gain = gain
        self._k = k

    def create_accumulator(self) -> Accumulator:
        return 0.0, 0

    def add_input(
        self,
        accumulator: Accumulator,
        element: metric_types.StandardMetricInputs,
    ) -> Accumulator:
        prediction = element.prediction
        if self._key.model_name:
            prediction = util.get_by_keys(prediction, [self._key.model_name])
        ranks = util.get_by_keys(prediction, [self._key.output_name])
        rank = float(ranks.reshape(-1)[0])
        if not rank >= 1.0:
            raise ValueError(
                "the model's `rank` must be 1 or more. Received: "
                f"rank={rank}. Check the scores of serving_default for NaN."
            )
        return accumulator[0] + self._gain(rank, self._k), accumulator[1] + 1

    def merge_accumulators(
        self, accumulators: Iterable[Accumulator]
    ) -> Accumulator:
        sums, counts = zip(*accumulators, strict=True)
        return sum(sums), sum(counts)

    def extract_output(
        self, accumulator: Accumulator
    ) -> dict[metric_types.MetricKey, float]:
        total, count = accumulator
        return {self._key: total / count if count else math.nan}


def _build_computations(
    name: str,
    gain: Callable[[float, int], float],
    k: int,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    """Makes one combiner a model and output, as TFMA asks for."""
    keys = [
        metric_types.MetricKey(
            name=name,
            model_name=model_name,
            output_name=output_name,
            example_weighted=False,
        )
        for model_name in model_names or [""]
        for output_name in output_names or [RANK_OUTPUT]
    ]
    return [
        metric_types.MetricComputation(
            keys=[key],
            preprocessors=[
                metric_types.StandardMetricInputsPreprocessor(
                    include_filter={"predictions": {}},
                    include_default_inputs=False,
                )
            ],
            combiner=_MeanGain(key, gain, k),
        )
        for key in keys
    ]


class RecallAtK(metric_types.Metric):
    """Share of examples whose true item is among the first k."""

    def __init__(self, name: str | None = None, k: int = 10):
        super().__init__(
            _build_computations,
            name=name or f"recall_at_{k}",
            gain=compute_recall_gain,
            k=k,
        )


class NdcgAtK(metric_types.Metric):
    """Mean discounted gain of the true item within the first k."""

    def __init__(self, name: str | None = None, k: int = 10):
        super().__init__(
            _build_computations,
            name=name or f"ndcg_at_{k}",
            gain=compute_ndcg_gain,
            k=k,
        )


class MeanReciprocalRank(metric_types.Metric):
    """Mean of 1 / rank over the whole catalogue."""

    def __init__(self, name: str | None = None):
        super().__init__(
            _build_computations,
            name=name or "mrr",
            gain=compute_reciprocal_gain,
            k=0,
        )
