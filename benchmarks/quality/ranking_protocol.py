"""How slates are judged: full ranking of what a slate might show.

All candidates are ranked, except those of the query's history where the
dataset does not repeat; a target that is no candidate counts as a miss. No
sampled candidates: they give too good figures (Krichene and Rendle, KDD 2020,
doi:10.1145/3394486.3403226). What is asked, and what may be learnt from, is up
to `benchmarks.quality.splits`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from pipeline.report.diagnostics import co_occurrence

K = 10
_ROWS_AT_ONCE = 512  # queries scored together: bounds memory


@dataclass(frozen=True, kw_only=True)
class RankingReport:
    """Means over queries; `_se` are standard errors of the means.

    Queries of one user are not independent: the errors are those of a sample
    of users with all their queries (Liang and Zeger, Biometrika 1986,
    doi:10.1093/biomet/73.1.13). With one query a user they are the plain
    standard deviation over the root of the number of queries.
    """

    recall_at_10: float
    recall_at_10_se: float
    ndcg_at_10: float
    ndcg_at_10_se: float
    mrr_at_10: float
    mrr_at_10_se: float
    coverage_at_10: float  # share of the candidates in at least one slate
    num_queries: int


class Peer(Protocol):
    """A recommender to compare with; a dataclass whose fields are settings."""

    def fit(self, train: Interactions) -> None:
        """Learns from the training part."""

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Scores all items.

        Args:
            weights: float32 `[Q, I]`, how much each history item counts.
            queries: the Q queries, for users and the order of events; its
                targets must not be read.

        Returns:
            float32 `[Q, I]`.
        """


def weigh_histories(
    queries: Queries, half_life: float | None = None
) -> sp.csr_array:
    """Builds the history matrix, float32 `[Q, I]`.

    Args:
        queries: Q queries.
        half_life: the j-th most recent event (j from 0) weighs
            2 ** (-j / half_life), repeated items add up; None = each item of
            the history weighs 1.
    """
    return co_occurrence.weigh_histories(
        queries.offsets, queries.history, len(queries.is_candidate), half_life
    )


def select_top_items(scores: np.ndarray, queries: Queries) -> np.ndarray:
    """Ranks the candidates; those of the history only if items repeat.

    Args:
        scores: float32 `[Q, I]`.
        queries: the Q queries.

    Returns:
        int64 `[Q, 10]`, best first, -1 where nothing is left. Ties go to the
        item with the smaller position; a score that is not finite gets no
        place.
    """
    usable = queries.is_candidate & np.isfinite(scores)
    scores = np.where(usable, scores, -np.inf)
    if not queries.repeats:
        for query in range(len(scores)):
            scores[query, queries.get_history(query)] = -np.inf
    top = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    is_left = np.isfinite(np.take_along_axis(scores, top, axis=1))
    slates = np.full((len(scores), K), -1, np.int64)
    slates[:, : top.shape[1]] = np.where(is_left, top, -1)
    return slates


def recommend(
    peer: Peer, queries: Queries, half_life: float | None = None
) -> np.ndarray:
    """Returns a fitted peer's slates, int64 `[Q, 10]`, -1 = nothing left."""
    slates = [np.zeros((0, K), np.int64)]
    for first in range(0, len(queries), _ROWS_AT_ONCE):
        end = min(first + _ROWS_AT_ONCE, len(queries))
        asked = queries.take(range(first, end))
        scores = peer.score(weigh_histories(asked, half_life), asked)
        slates.append(select_top_items(scores, asked))
    return np.concatenate(slates)


def score_slates(
    top_items: np.ndarray, queries: Queries
) -> dict[str, np.ndarray]:
    """Compares each slate with the relevant items.

    Args:
        top_items: int `[Q, 10]`, best first, -1 = nothing.
        queries: the queries in the same order, at least one.

    Returns:
        float64 `[Q]` each. "recall" is the share of the relevant items in
        the slate. "ndcg" sums 1 / log2(r + 1) over the ranks r of hits,
        divided by that sum for the best slate of 10 there can be. "mrr" is
        1 / r of the first hit.

    Raises:
        ValueError: `top_items` is not shaped `[Q, 10]`.
    """
    expected = (len(queries), K)
    if top_items.shape != expected:
        raise ValueError(
            f"`top_items` must be shaped {expected}. Received: shape="
            f"{top_items.shape}."
        )
    hits = np.stack(
        [
            np.isin(slate, queries.get_targets(query))
            for query, slate in enumerate(top_items)
        ]
    )
    num_relevant = np.diff(queries.target_offsets)
    gains = 1.0 / np.log2(np.arange(1, K + 1) + 1)
    ideal = np.cumsum(gains)[np.minimum(num_relevant, K) - 1]
    first_hit = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, np.inf)
    return {
        "recall": hits.sum(axis=1) / num_relevant,
        "ndcg": hits @ gains / ideal,
        "mrr": 1.0 / first_hit,
    }


def evaluate(top_items: np.ndarray, queries: Queries) -> RankingReport:
    """Averages over all queries what `score_slates` finds for each."""
    figures = score_slates(top_items, queries)
    means = {f"{name}_at_10": one.mean() for name, one in figures.items()}
    errors = {
        f"{name}_at_10_se": compute_standard_error(one, queries.users)
        for name, one in figures.items()
    }
    shown = np.unique(top_items[top_items >= 0])
    return RankingReport(
        **{name: float(mean) for name, mean in means.items()},
        **errors,
        coverage_at_10=float(len(shown) / queries.is_candidate.sum()),
        num_queries=len(queries),
    )


def compute_standard_error(values: np.ndarray, users: np.ndarray) -> float:
    """Computes the standard error of a mean over users' values.

    Args:
        values: float `[Q]`.
        users: int64 `[Q]`, whose value each one is.
    """
    by_user = np.bincount(users, values - values.mean())
    return float(np.sqrt((by_user**2).sum()) / len(values))
