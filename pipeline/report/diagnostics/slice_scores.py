"""Scores of several recommenders, slice by slice, on the same queries."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.report.diagnostics.rank_gains import compute_mean
from pipeline.report.diagnostics.rank_gains import compute_ndcg_gains
from pipeline.report.diagnostics.rank_gains import compute_recall_gains
from pipeline.report.diagnostics.recorded_behavior import RecordedQueries


@dataclass(frozen=True, kw_only=True)
class SliceScore:
    """Means over the queries of a slice, each with its standard error."""

    recommender: str
    slice_name: str  # "feature=value"; empty = all queries
    num_queries: int
    ndcg: tuple[float, float]  # at 10
    recall: tuple[float, float]  # at 10


def compute_slice_scores(
    ranks: Mapping[str, np.ndarray],
    queries: RecordedQueries,
    slice_names: Iterable[str],
) -> list[SliceScore]:
    """Averages the gains of each recommender over each slice.

    Args:
        ranks: recommender to float64 `[Q]`, 1-based.
        queries: Q of them.
        slice_names: as the evaluation names them; empty = all queries.

    Returns:
        Slices in their order, recommenders in theirs; slices without a query
        are left out.
    """
    scores = []
    for slice_name in slice_names:
        inside = queries.is_in_slice(slice_name)
        if not inside.any():
            continue
        for recommender, all_ranks in ranks.items():
            own = all_ranks[inside]
            scores.append(
                SliceScore(
                    recommender=recommender,
                    slice_name=slice_name,
                    num_queries=int(inside.sum()),
                    ndcg=compute_mean(compute_ndcg_gains(own)),
                    recall=compute_mean(compute_recall_gains(own)),
                )
            )
    return scores
