"""Peers rank as their papers say, and are asked as the model is."""

import numpy as np
import pytest
import scipy.sparse as sp

from pipeline.report.diagnostics.peers import POPULARITY
from pipeline.report.diagnostics.peers import build_ease
from pipeline.report.diagnostics.peers import build_item_knn
from pipeline.report.diagnostics.peers import rank_by_peers
from pipeline.report.diagnostics.peers import rank_targets
from pipeline.report.diagnostics.recorded_behavior import TrainEvents
from tests.pipeline.report.diagnostics.recorded_queries import build_queries

NO_COUNTS = np.zeros(4, np.int64)


def _score_as(*scores):
    return lambda weights: np.tile(
        np.array(scores, np.float32), (weights.shape[0], 1)
    )


def test_rank_counts_the_items_ahead():
    queries = build_queries([[], []], [1, 2], 4)
    ranks = rank_targets(_score_as(9, 7, 8, 1), queries, NO_COUNTS, None)
    assert ranks.tolist() == [3, 2]


def test_items_met_before_are_no_candidates():
    queries = build_queries([[0, 2]], [1], 4)
    ranks = rank_targets(_score_as(9, 7, 8, 1), queries, NO_COUNTS, None)
    assert ranks.tolist() == [1]


def test_true_item_that_was_met_is_a_miss():
    queries = build_queries([[1]], [1], 4)
    ranks = rank_targets(_score_as(9, 7, 8, 1), queries, NO_COUNTS, None)
    assert ranks.tolist() == [5]


def test_popularity_breaks_ties_and_what_is_left_counts_against():
    queries = build_queries([[], []], [0, 1], 4)
    counts = np.array([5, 2, 2, 0])
    ranks = rank_targets(_score_as(0, 0, 0, 0), queries, counts, None)
    assert ranks.tolist() == [1, 3]  # item 2 is as popular as item 1


def test_item_outside_the_catalogue_ranks_behind_all():
    queries = build_queries([[]], [4], 4)
    ranks = rank_targets(_score_as(9, 7, 8, 1), queries, NO_COUNTS, None)
    assert ranks.tolist() == [5]


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_score_that_is_not_finite_ranks_last(broken):
    queries = build_queries([[], []], [0, 1], 4)
    ranks = rank_targets(_score_as(broken, 7, 8, 1), queries, NO_COUNTS, None)
    assert ranks.tolist() == [5, 2]


def test_recent_events_count_more_when_the_history_fades():
    # Whoever took 0 took 2, whoever took 1 took 3.
    incidence = sp.csr_array(
        np.array(
            [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]], np.float32
        )
    )
    score = build_item_knn(incidence)
    queries = build_queries([[0, 1], [1, 0]], [3, 3], 4)
    # Both are as near to their own, so that a tie counts against item 3.
    assert rank_targets(score, queries, NO_COUNTS, None).tolist() == [2, 2]
    assert rank_targets(score, queries, NO_COUNTS, 1.0).tolist() == [1, 2]


def test_many_queries_rank_as_one_by_one(monkeypatch):
    chooser = np.random.default_rng(3)
    incidence = sp.csr_array((chooser.random((9, 30)) < 0.3).astype(np.float32))
    score = build_item_knn(incidence)
    histories = [chooser.choice(9, 3, replace=False) for _ in range(7)]
    targets = chooser.integers(0, 9, 7)
    counts = incidence.toarray().sum(axis=1).astype(int)
    together = rank_targets(
        score, build_queries(histories, targets, 9), counts, 2.0
    )
    alone = [
        rank_targets(score, build_queries([h], [t], 9), counts, 2.0)[0]
        for h, t in zip(histories, targets, strict=True)
    ]
    assert together.tolist() == alone


def test_ease_solves_the_ridge_regression_of_each_item():
    chooser = np.random.default_rng(5)
    taken = (chooser.random((6, 40)) < 0.4).astype(np.float64)
    score = build_ease(
        sp.csr_array(taken.astype(np.float32)), taken.sum(axis=1).astype(int)
    )
    learnt = score(sp.csr_array(np.eye(6, dtype=np.float32)))
    for item in range(6):
        others = np.delete(np.arange(6), item)
        design = taken[others].T
        # argmin |x - Xb|^2 + 200 |b|^2, without the item itself.
        solved = np.linalg.solve(
            design.T @ design + 200.0 * np.eye(5), design.T @ taken[item]
        )
        np.testing.assert_allclose(learnt[others, item], solved, atol=1e-5)
        assert learnt[item, item] == 0


def test_peers_that_read_histories_beat_popularity_where_taste_decides():
    # Users 0-19 take items 0-4, users 20-39 items 5-9; item 9 is the rarest.
    users, items = [], []
    for user in range(40):
        liked = range(5) if user < 20 else range(5, 10)
        for item in list(liked)[: 5 if user % 4 else 4]:
            users.append(user)
            items.append(item)
    train = TrainEvents(
        users=np.array(users), items=np.array(items), num_items=10, step=1
    )
    queries = build_queries([[5, 6, 7], [0, 1, 2]], [9, 4], 10)
    ranks = rank_by_peers(train, build_queries([], [], 10), queries)
    knn, ease = (
        next(r for n, r in ranks.items() if n.startswith(name))
        for name in ("item-kNN", "EASE")
    )
    # Seven items are left, and both targets are among the two rarest.
    assert ranks[POPULARITY].min() > 5
    assert knn.tolist() == [2, 2]  # behind item 8 and item 3
    assert ease.tolist() == [2, 2]
