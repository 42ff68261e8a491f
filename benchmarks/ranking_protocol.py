"""The leave-last protocol: full ranking, seen items excluded.

Every user's last event is to be predicted from all events before it. All
items of the training part are ranked, except those of the user's history; a
test item that training never saw counts as a miss. Settings are chosen by
NDCG@10 on every user's last *training* event. No sampled candidates: they
flatter (Krichene and Rendle, KDD 2020, doi:10.1145/3394486.3403226).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from benchmarks.interactions import Interactions

K = 10
_ROWS_AT_ONCE = 512  # queries scored together: bounds memory


@dataclass(frozen=True)
class Queries:
    """What is asked, and the true answers.

    Attributes:
        users: int64 `[Q]`.
        offsets: int64 `[Q + 1]`: query q's history is
            `history[offsets[q] : offsets[q + 1]]`.
        history: int64, items, oldest first.
        targets: int64 `[Q]`, the item that came next.
        is_candidate: bool `[I]`, the items of the training part.
    """

    users: np.ndarray
    offsets: np.ndarray
    history: np.ndarray
    targets: np.ndarray
    is_candidate: np.ndarray

    def get_history(self, query: int) -> np.ndarray:
        """Returns the items of one query's history, oldest first."""
        return self.history[self.offsets[query] : self.offsets[query + 1]]


@dataclass(frozen=True, kw_only=True)
class RankingReport:
    """Means over queries; `_se` are standard errors of the means."""

    recall_at_10: float
    recall_at_10_se: float
    ndcg_at_10: float
    ndcg_at_10_se: float
    mrr_at_10: float
    mrr_at_10_se: float
    coverage_at_10: float  # share of the candidates in at least one slate
    num_queries: int


class Peer(Protocol):
    """A recommender to compare with."""

    def fit(self, train: Interactions) -> None:
        """Learns from the training part."""

    def score(self, weights: sp.csr_array) -> np.ndarray:
        """Scores all items.

        Args:
            weights: float32 `[Q, I]`, how much each history item counts.

        Returns:
            float32 `[Q, I]`.
        """


def split_leave_last(
    interactions: Interactions, min_events: int = 2
) -> tuple[Interactions, Queries]:
    """Holds out the last event of each user.

    Args:
        interactions: in order of time.
        min_events: users with fewer events stay in training altogether.

    Returns:
        The training part, and one query a user held out, in order of users.
    """
    num_users = len(interactions.user_ids)
    order = np.argsort(interactions.users, kind="stable")  # keeps the time
    counts = np.bincount(interactions.users, minlength=num_users)
    ends = np.cumsum(counts)
    users = np.flatnonzero(counts >= min_events)
    is_test = np.zeros(len(order), bool)
    is_test[ends[users] - 1] = True
    histories = [
        interactions.items[order[ends[user] - counts[user] : ends[user] - 1]]
        for user in users
    ]
    train = interactions.select(np.sort(order[~is_test]))
    is_candidate = np.zeros(len(interactions.item_ids), bool)
    is_candidate[train.items] = True
    queries = Queries(
        users=users,
        offsets=np.concatenate([[0], np.cumsum(counts[users] - 1)]),
        history=np.concatenate([np.zeros(0, np.int64), *histories]),
        targets=interactions.items[order[is_test]],
        is_candidate=is_candidate,
    )
    return train, queries


def weigh_histories(
    queries: Queries, half_life: float | None = None
) -> sp.csr_array:
    """Builds the history matrix.

    Args:
        queries: Q queries.
        half_life: the j-th most recent event (j from 0) weighs
            2 ** (-j / half_life), repeated items add up; None = each item of
            the history weighs 1.

    Returns:
        float32 `[Q, I]`.
    """
    lengths = np.diff(queries.offsets)
    if half_life is None:
        weights = np.ones(len(queries.history), np.float32)
    else:
        newest = np.repeat(queries.offsets[1:] - 1, lengths)
        age = newest - np.arange(len(queries.history))
        weights = np.exp2(-age / half_life).astype(np.float32)
    matrix = sp.csr_array(
        # A copy: summing duplicates reorders the items in place.
        (weights, queries.history.copy(), queries.offsets.copy()),
        shape=(len(lengths), len(queries.is_candidate)),
    )
    matrix.sum_duplicates()
    if half_life is None:
        matrix.data[:] = 1.0
    return matrix


def select_top_items(
    scores: np.ndarray, queries: Queries, first: int = 0
) -> np.ndarray:
    """Ranks the candidates that are not in the history.

    Args:
        scores: float32 `[B, I]` of the queries first ... first + B - 1.
        queries: all queries.
        first: query of the first row.

    Returns:
        int64 `[B, 10]`, best first, -1 where nothing is left. Ties go to the
        item with the smaller position.
    """
    scores = np.where(queries.is_candidate, scores, -np.inf)
    for row in range(len(scores)):
        scores[row, queries.get_history(first + row)] = -np.inf
    top = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    is_left = np.isfinite(np.take_along_axis(scores, top, axis=1))
    return np.where(is_left, top, -1)


def recommend(
    peer: Peer, queries: Queries, half_life: float | None = None
) -> np.ndarray:
    """Returns a fitted peer's slates, int64 `[Q, 10]`, -1 = nothing left."""
    weights = weigh_histories(queries, half_life)
    slates = [
        select_top_items(
            peer.score(weights[first : first + _ROWS_AT_ONCE]), queries, first
        )
        for first in range(0, weights.shape[0], _ROWS_AT_ONCE)
    ]
    return np.concatenate(slates)


def evaluate(top_items: np.ndarray, queries: Queries) -> RankingReport:
    """Compares slates with what came next.

    Args:
        top_items: int `[Q, 10]`, best first, -1 = nothing.
        queries: the queries in the same order.

    Returns:
        With one relevant item: recall is the hit rate, NDCG of a hit at rank
        r is 1 / log2(r + 1), MRR of it is 1 / r.

    Raises:
        ValueError: `top_items` is not shaped `[Q, 10]`.
    """
    expected = (len(queries.targets), K)
    if top_items.shape != expected:
        raise ValueError(
            f"`top_items` must be shaped {expected}. Received: shape="
            f"{top_items.shape}."
        )
    hits = top_items == queries.targets[:, None]
    ranks = np.arange(1, K + 1)
    recall = hits.any(axis=1).astype(float)
    ndcg = (hits / np.log2(ranks + 1)).sum(axis=1)
    reciprocal = (hits / ranks).sum(axis=1)
    shown = np.unique(top_items[top_items >= 0])
    return RankingReport(
        recall_at_10=recall.mean(),
        recall_at_10_se=_compute_standard_error(recall),
        ndcg_at_10=ndcg.mean(),
        ndcg_at_10_se=_compute_standard_error(ndcg),
        mrr_at_10=reciprocal.mean(),
        mrr_at_10_se=_compute_standard_error(reciprocal),
        coverage_at_10=len(shown) / queries.is_candidate.sum(),
        num_queries=len(recall),
    )


def tune(
    peers: Iterable[Peer],
    train: Interactions,
    half_lives: Iterable[float | None] = (None,),
) -> tuple[Peer, float | None]:
    """Chooses settings by NDCG@10 on each user's last training event.

    Args:
        peers: one per setting, not fitted.
        train: the training part; users with fewer than 5 events are not
            asked about.
        half_lives: decays to try with each, None = none.

    Returns:
        The best peer, fitted to all of `train`, and its half-life.
    """
    half_lives = tuple(half_lives)
    inner, queries = split_leave_last(train, min_events=5)
    best = None
    for peer in peers:
        peer.fit(inner)
        for half_life in half_lives:
            slates = recommend(peer, queries, half_life)
            ndcg = evaluate(slates, queries).ndcg_at_10
            if best is None or ndcg > best[0]:
                best = (ndcg, peer, half_life)
    if best is None:
        raise ValueError("`peers` must hold at least one. Received: none.")
    _, peer, half_life = best
    peer.fit(train)
    return peer, half_life


def _compute_standard_error(values: np.ndarray) -> float:
    return float(values.std() / np.sqrt(len(values)))
