"""TFMA metrics over the rank of the true item in the whole catalogue.

TFMA's own ranking metrics score given candidate lists, one row a candidate.
Our model answers with the 1-based rank itself, so each example is a row and
the metrics below are means over examples: Recall@k with one relevant item,
NDCG@k whose ideal gain is then 1, and the mean reciprocal rank.
"""

import math
from collections.abc import Callable

import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.mean_metric import build_mean_computations

RANK_OUTPUT = "rank"


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


def read_rank(ranks: np.ndarray) -> float:
    """Reads the rank of one example.

    Args:
        ranks: float `[1]`, the model's output.

    Returns:
        A rank of 1 or more.

    Raises:
        ValueError: it is less, or no number.
    """
    rank = float(ranks[0])
    if not rank >= 1.0:
        raise ValueError(
            "the model's `rank` must be 1 or more. Received: "
            f"rank={rank}. Check the scores of serving_default for NaN."
        )
    return rank


def _build_computations(
    name: str,
    gain: Callable[[float, int], float],
    k: int,
    model_names: list[str] | None = None,  # TFMA passes what is named so
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    """Averages the gain of the ranks."""

    def read_gain(ranks: np.ndarray) -> float:
        return gain(read_rank(ranks), k)

    return build_mean_computations(
        name, RANK_OUTPUT, read_gain, model_names, output_names
    )


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


class LikedNdcgAtK(metric_types.Metric):
    """`NdcgAtK` of the examples whose true item was liked."""

    def __init__(self, name: str | None = None, k: int = 10):
        super().__init__(
            _build_liked_computations, name=name or f"liked_ndcg_at_{k}", k=k
        )


def _build_liked_computations(
    name: str,
    k: int,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    """Averages the gain of the ranks that are not 0."""

    def read_gain(ranks: np.ndarray) -> float | None:
        return compute_ndcg_gain(read_rank(ranks), k) if ranks[0] else None

    return build_mean_computations(
        name, "liked_rank", read_gain, model_names, output_names
    )
