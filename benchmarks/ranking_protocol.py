"""How slates are judged: full ranking, items of the window excluded.

All candidates are ranked, except those of the query's history; a target that
is no candidate counts as a miss. No sampled candidates: they flatter (Krichene
and Rendle, KDD 2020, doi:10.1145/3394486.3403226). What is asked, and what may
be learnt from, is up to `benchmarks.splits`.
"""

from collections.abc import Iterable
from collections.abc import Sequence
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
        rows: int64, of each item of `history` the event it comes from, a
            position in the interactions that were split.
        target_offsets: int64 `[Q + 1]`, likewise of `targets`.
        targets: int64, the relevant items; at least one a query.
        is_candidate: bool `[I]`, the items that are ranked.
        groups: str `[Q]`, queries to report on by themselves; "" = none.
    """

    users: np.ndarray
    offsets: np.ndarray
    history: np.ndarray
    rows: np.ndarray
    target_offsets: np.ndarray
    targets: np.ndarray
    is_candidate: np.ndarray
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.users)

    def get_history(self, query: int) -> np.ndarray:
        """Returns the items of one query's history, oldest first."""
        return self.history[self.offsets[query] : self.offsets[query + 1]]

    def get_rows(self, query: int) -> np.ndarray:
        """Returns the events of one query's history, oldest first."""
        return self.rows[self.offsets[query] : self.offsets[query + 1]]

    def get_targets(self, query: int) -> np.ndarray:
        """Returns the relevant items of one query."""
        begin, end = self.target_offsets[query : query + 2]
        return self.targets[begin:end]

    def take(self, positions: Iterable[int]) -> "Queries":
        """Returns some of the queries, in the order given."""
        positions = np.array(list(positions), np.int64)
        rows = [self.get_rows(query) for query in positions]
        history = [self.get_history(query) for query in positions]
        targets = [self.get_targets(query) for query in positions]
        return Queries(
            users=self.users[positions],
            offsets=_end_to_end(rows),
            history=_join(history),
            rows=_join(rows),
            target_offsets=_end_to_end(targets),
            targets=_join(targets),
            is_candidate=self.is_candidate,
            groups=self.groups[positions],
        )


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
    """A recommender to compare with."""

    def fit(self, train: Interactions) -> None:
        """Learns from the training part."""

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Scores all items.

        Args:
            weights: float32 `[Q, I]`, how much each history item counts.
            queries: the Q queries, for who asks and in which order things
                happened; the answers in it are not to be read.

        Returns:
            float32 `[Q, I]`.
        """


def build_queries(
    interactions: Interactions,
    rows: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    is_candidate: np.ndarray,
    groups: Sequence[str] | None = None,
) -> Queries:
    """Packs queries.

    Args:
        interactions: what the rows point into.
        rows: for each query the events of its history, oldest first.
        targets: for each query the events to be predicted, same user.
        is_candidate: bool `[I]`.
        groups: a name for each query; None = no groups.
    """
    events = _join(rows)
    answers = _join(targets)
    offsets = _end_to_end(targets)
    return Queries(
        users=interactions.users[answers[offsets[:-1]]],
        offsets=_end_to_end(rows),
        history=interactions.items[events],
        rows=events,
        target_offsets=offsets,
        targets=interactions.items[answers],
        is_candidate=is_candidate,
        groups=np.array([""] * len(rows) if groups is None else groups, str),
    )


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


def select_top_items(scores: np.ndarray, queries: Queries) -> np.ndarray:
    """Ranks the candidates that are not in the history.

    Args:
        scores: float32 `[Q, I]`.
        queries: the Q queries.

    Returns:
        int64 `[Q, 10]`, best first, -1 where nothing is left. Ties go to the
        item with the smaller position.
    """
    scores = np.where(queries.is_candidate, scores, -np.inf)
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


def evaluate(top_items: np.ndarray, queries: Queries) -> RankingReport:
    """Compares slates with the relevant items.

    Args:
        top_items: int `[Q, 10]`, best first, -1 = nothing.
        queries: the queries in the same order, at least one.

    Returns:
        Recall is the share of the relevant items in the slate. NDCG sums
        1 / log2(r + 1) over the ranks r of hits, divided by that sum for the
        best slate of 10 there can be. MRR is 1 / r of the first hit.

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
    figures = {
        "recall": hits.sum(axis=1) / num_relevant,
        "ndcg": hits @ gains / ideal,
        "mrr": 1.0 / first_hit,
    }
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


def _join(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _end_to_end(parts: Sequence[np.ndarray]) -> np.ndarray:
    lengths = [len(part) for part in parts]
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
