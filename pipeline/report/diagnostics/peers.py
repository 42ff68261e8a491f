"""Simple recommenders without a trained model, on the same queries.

They are fitted to the run's train events; the half-life of the history is
chosen by NDCG@10 on the queries of the eval split, which training also uses for
early stopping. The benchmarks tune peers much more; these take a few seconds of
a report.
"""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from pipeline.report.diagnostics.co_occurrence import keep_neighbors
from pipeline.report.diagnostics.co_occurrence import weigh_histories
from pipeline.report.diagnostics.rank_gains import compute_ndcg_gains
from pipeline.report.diagnostics.recorded_behavior import RecordedQueries
from pipeline.report.diagnostics.recorded_behavior import TrainEvents
from trainer.scoring.linear.closed_form import regress_on_others

POPULARITY = "popularity"
_HALF_LIVES = (None, 2.0, 5.0, 10.0, 20.0)  # None = no decay
_NUM_NEIGHBORS = 100
_EASE_ITEMS = 2000  # most popular ones: a dense matrix is inverted
_EASE_L2 = 200.0
_LOWEST = -1e6  # below every score, but near enough for float precision
_SCORES_AT_ONCE = 1 << 23  # bounds memory: float32 scores of a batch
_TIE_BREAK = 1e-9  # popularity breaks ties

# float32 `[B, N]` weights of history items -> float32 `[B, N]` scores
Score = Callable[[sp.csr_array], np.ndarray]


def rank_by_peers(
    train: TrainEvents, chosen_on: RecordedQueries, asked: RecordedQueries
) -> dict[str, np.ndarray]:
    """Ranks the items that came next by popularity, item-kNN and EASE.

    Args:
        train: what the peers learn from.
        chosen_on: queries of the eval split; may be none.
        asked: Q queries.

    Returns:
        Name of the peer, with the half-life that was chosen, to its ranks,
        float64 `[Q]`, as the model ranks them: 1-based, ties count
        against the true item.
    """
    counts = train.counts
    ranks = {POPULARITY: rank_targets(_score_nothing, asked, counts, None)}
    incidence = train.build_incidence()
    for name, score in (
        ("item-kNN", build_item_knn(incidence)),
        ("EASE", build_ease(incidence, counts)),
    ):
        half_life = _choose_half_life(score, chosen_on, counts)
        suffix = "" if half_life is None else f", half-life {half_life:g}"
        found = rank_targets(score, asked, counts, half_life)
        ranks[f"{name}{suffix}"] = found
    return ranks


def build_item_knn(incidence: sp.csr_array) -> Score:
    """Builds a scorer that adds up similarities to the history.

    Args:
        incidence: float32 `[N, U]`, 1 where a user took an item.
    """
    neighbors = keep_neighbors(incidence, _NUM_NEIGHBORS)
    return lambda weights: (weights @ neighbors).toarray()


def build_ease(incidence: sp.csr_array, counts: np.ndarray) -> Score:
    """Builds a scorer that regresses each item on all others.

    Only the most popular items are regressed; the others score lower than
    any of them.

    Args:
        incidence: float32 `[N, U]`, 1 where a user took an item.
        counts: int64 `[N]`, train events of each item.
    """
    kept = np.argsort(-counts, kind="stable")[:_EASE_ITEMS]
    small = incidence[kept]
    gram = (small @ small.T).toarray(order="F")
    regression = regress_on_others(gram, _EASE_L2)

    def score(weights: sp.csr_array) -> np.ndarray:
        scores = np.full(weights.shape, _LOWEST, np.float32)
        scores[:, kept] = weights[:, kept] @ regression
        return scores

    return score


def rank_targets(
    score: Score,
    queries: RecordedQueries,
    counts: np.ndarray,
    half_life: float | None,
) -> np.ndarray:
    """Ranks each true item among all that a slate might show.

    Args:
        score: of a peer.
        queries: Q of them.
        counts: int64 `[N]`, train events of each item.
        half_life: the j-th most recent event (j from 0) weighs
            2 ** (-j / half_life); None = each item of the history weighs 1.

    Returns:
        float64 `[Q]`, 1-based; ties that popularity does not break count
        against the true item, and N + 1 is one outside the catalogue, one
        that is no candidate, or one whose score is not finite.
    """
    weights = _weigh(queries, half_life)
    batch = max(_SCORES_AT_ONCE // max(queries.num_items, 1), 1)
    ranks = np.full(len(queries.targets), queries.num_items + 1.0)
    for first in range(0, len(ranks), batch):
        scores = score(weights[first : first + batch])
        # float64: a tie-break of one event in a billion would be lost.
        scores = scores.astype(np.float64) + _TIE_BREAK * counts
        for row, scores_of_query in enumerate(scores, start=first):
            target = queries.targets[row]
            if target == queries.num_items:
                continue
            scores_of_query[~np.isfinite(scores_of_query)] = -np.inf
            scores_of_query[queries.met[row]] = -np.inf
            own = scores_of_query[target]
            if own == -np.inf:
                continue
            scores_of_query[target] = -np.inf
            ranks[row] = 1 + np.count_nonzero(scores_of_query >= own)
    return ranks


def _score_nothing(weights: sp.csr_array) -> np.ndarray:
    """Gives equal scores: the tie-break is popularity."""
    return np.zeros(weights.shape, np.float32)


def _choose_half_life(
    score: Score, queries: RecordedQueries, counts: np.ndarray
) -> float | None:
    def judge(half_life: float | None) -> float:
        ranks = rank_targets(score, queries, counts, half_life)
        return compute_ndcg_gains(ranks).sum()

    return max(_HALF_LIVES, key=judge)


def _weigh(queries: RecordedQueries, half_life: float | None) -> sp.csr_array:
    """Builds the weights of history items, float32 `[Q, N]`."""
    lengths = [len(one) for one in queries.histories]
    items = np.concatenate([np.zeros(0, np.int64), *queries.histories])
    return weigh_histories(
        np.cumsum([0, *lengths]), items, queries.num_items, half_life
    )
