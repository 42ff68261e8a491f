"""Popularity ranks as the peer of that name, and is told beside the model."""

import numpy as np

from pipeline.report.diagnostics.peers import rank_targets
from pipeline.report.popularity_figures import describe_headlines
from pipeline.report.popularity_figures import rank_by_popularity
from pipeline.runs.figures import Figure
from tests.pipeline.report.diagnostics.recorded_queries import build_queries


def test_rank_counts_what_is_as_popular_and_not_met():
    counts = np.array([9, 5, 5, 0])
    queries = build_queries([[], [0], [1], []], [1, 1, 1, 4], 4)
    # Items 0 and 2 compete with item 1; then item 2 alone; then it was met
    # itself; and one is not in the catalogue.
    assert rank_by_popularity(counts, queries).tolist() == [3, 2, 5, 5]


def test_ranks_are_those_of_the_peer():
    rng = np.random.default_rng(7)
    counts = rng.integers(0, 6, 30)
    histories = [rng.integers(0, 30, n) for n in range(12)]
    targets = rng.integers(0, 31, 12)
    queries = build_queries(histories, targets, 30)

    def score_nothing(weights):
        return np.zeros(weights.shape, np.float32)

    ranks = rank_targets(score_nothing, queries, counts, None)
    assert rank_by_popularity(counts, queries).tolist() == ranks.tolist()


def test_main_figures_are_told_beside_popularity_and_the_model_before():
    figures = [
        Figure(metric="ndcg_at_10", value=0.5, before=0.25, popularity=0.125),
        Figure(metric="ndcg_at_10", slice_name="item_bucket=tail", value=0.1),
        Figure(metric="recall_at_10", value=0.75),
        Figure(metric="rmse", value=1.0),
    ]
    assert describe_headlines(figures) == [
        "NDCG@10: 0.5, popularity 0.125, before 0.25 (+0.25)",
        "recall@10: 0.75",
    ]
