"""Each peer against figures worked out by hand or by another route."""

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.peers import Ease
from benchmarks.quality.peers import ItemKnn
from benchmarks.quality.peers import Popularity
from benchmarks.quality.peers import RecentPopularity
from benchmarks.quality.splits import split_leave_last

DAY = 86400
# Users 0 and 1 take items 0 and 1; user 2 takes items 1 and 2, lately.
TRAIN = build_interactions(
    np.array([0, 0, 1, 1, 2, 2]),
    np.array([0, 1, 0, 1, 1, 2]),
    np.array([0, 1, 2, 3, 100 * DAY, 100 * DAY + 1]),
)
QUERIES = split_leave_last(TRAIN)[1]
DENSE = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 1]], np.float64)


def _ask(peer, *weights):
    peer.fit(TRAIN)
    return peer.score(sp.csr_array(np.array(weights, np.float32)), QUERIES)


def test_popularity_counts_events():
    assert _ask(Popularity(), [0, 0, 0])[0].tolist() == [2, 3, 1]


def test_recent_popularity_forgets_old_events():
    scores = _ask(RecentPopularity(num_days=30), [0, 0, 0])[0]
    np.testing.assert_allclose(scores, [0, 1, 1], atol=1e-5)
    assert scores[1] > scores[2]  # the tie goes to the more popular of old


def test_item_knn_scores_by_cosine():
    scores = _ask(ItemKnn(num_neighbors=2, weighting="cosine"), [1, 0, 0])
    # |item 0| = sqrt(2), |item 1| = sqrt(3), two users in common; items 0
    # and 2 share none; an item is no neighbour of itself.
    np.testing.assert_allclose(scores[0], [0, 2 / 6**0.5, 0], rtol=1e-6)


def test_item_knn_with_tfidf_lets_busy_users_count_less():
    # Items 0 and 1 share busy user 0, items 1 and 2 share user 1.
    train = build_interactions(
        np.array([0, 0, 0, 0, 1, 1, 2, 3]),
        np.array([0, 1, 3, 4, 1, 2, 0, 2]),
        np.arange(8),
    )
    peer = ItemKnn(num_neighbors=5, weighting="tfidf")
    peer.fit(train)
    ask_for_1 = sp.csr_array(np.array([[0, 1, 0, 0, 0]], np.float32))
    scores = peer.score(ask_for_1, QUERIES)[0]
    # A user with n of the 5 items weighs ln(5 / (1 + n)): user 0 nothing,
    # user 1 ln(5/3), user 3 ln(5/2).
    a, b = np.log(5 / 3), np.log(5 / 2)
    assert scores[0] == pytest.approx(0.0, abs=1e-6)
    assert scores[2] == pytest.approx(a / np.hypot(a, b), rel=1e-5)


def test_item_knn_keeps_only_the_nearest():
    scores = _ask(ItemKnn(num_neighbors=1, weighting="cosine"), [0, 1, 0])
    # Item 1 is nearer to 0 (2 / sqrt 6) than to 2 (1 / sqrt 3).
    np.testing.assert_allclose(scores[0], [2 / 6**0.5, 0, 0], rtol=1e-6)


def test_ease_equals_one_ridge_regression_per_item():
    scores = _ask(Ease(l2=2.0), [1, 0, 0], [0, 1, 0.5])
    expected = np.zeros((3, 3))
    for item in range(3):
        others = [other for other in range(3) if other != item]
        x, y = DENSE[:, others], DENSE[:, item]
        ridge = np.linalg.solve(x.T @ x + 2.0 * np.eye(2), x.T @ y)
        expected[others, item] = ridge
    np.testing.assert_allclose(
        scores, [expected[0], expected[1] + 0.5 * expected[2]], rtol=1e-5
    )


def test_ease_without_penalty_on_unseen_items_is_refused():
    with pytest.raises(ArithmeticError, match="positive definite"):
        Ease(l2=0.0).fit(
            build_interactions(
                np.array([0, 0]), np.array([0, 1]), np.array([0, 1])
            )
        )
