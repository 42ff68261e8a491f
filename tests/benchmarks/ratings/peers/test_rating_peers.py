"""Each predictor against figures by hand, and against planted tastes."""

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.ratings.peers import MovingFactors
from benchmarks.ratings.peers import MovingKnn
from benchmarks.ratings.peers import RunningBias
from benchmarks.ratings.peers import SurpriseModel
from benchmarks.ratings.rating_protocol import predict_all
from benchmarks.ratings.rating_protocol import split_ratings
from benchmarks.ratings.rating_protocol import square_errors


def test_running_bias_adds_three_means():
    # Item 0 is rated 5 and 4, item 1 is rated 3: the mean is 4.
    train = build_interactions(
        np.array([0, 1, 1]),
        np.array([0, 0, 1]),
        np.arange(3),
        np.array([5.0, 4.0, 3.0]),
    )
    peer = RunningBias(item_damping=2.0, user_damping=1.0)
    peer.fit(train)
    # Item 0: (1 + 0) / (2 + 2) = 0.25; item 1: -1 / (1 + 2) = -1/3.
    none = np.zeros(0, np.int64)
    assert peer.predict(7, none, np.zeros(0), 0) == pytest.approx(4.25)
    # A user who gave item 1 a 2: 2 - 4 + 1/3 = -5/3, halved by the damping.
    predicted = peer.predict(7, np.array([1]), np.array([2.0]), 0)
    assert predicted == pytest.approx(4.25 - 5 / 6)


@pytest.fixture(scope="module")
def tastes():
    """100 people like even items and dislike odd ones, or the reverse.

    Each rates 16 of 20 items, one person after another: the last 10 people
    are not in training.
    """
    lots = np.random.RandomState(9)
    users = np.repeat(np.arange(100), 16)
    items = np.concatenate([lots.permutation(20)[:16] for _ in range(100)])
    ratings = np.where((items + users) % 2 == 0, 5.0, 1.0)
    return build_interactions(users, items, np.arange(1600), ratings)


def _compute_rmse(peer, tastes):
    train, asked = split_ratings(tastes)
    peer.fit(train)
    errors = square_errors(predict_all(peer, asked), asked, train)
    return np.sqrt(errors.mean())


@pytest.mark.parametrize(
    "kind",
    [
        SurpriseModel("svd"),
        SurpriseModel("svdpp", 5),
        SurpriseModel("knn_baseline"),
    ],
)
def test_models_that_stand_still_know_nothing_of_new_people(tastes, kind):
    pytest.importorskip("surprise", reason="comes with requirements/peers.in")
    # Half of the ratings are 5, half 1: the mean is wrong by 2.
    assert _compute_rmse(kind, tastes) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    "peer",
    [
        MovingKnn(num_neighbors=5),
        MovingFactors("svd", 5, 0.02, 60, ridge=0.5),
        MovingFactors("svdpp", 5, 0.02, 60, ridge=0.5),
    ],
)
def test_models_that_move_on_learn_new_tastes_from_a_few_ratings(tastes, peer):
    pytest.importorskip("surprise", reason="comes with requirements/peers.in")
    # The first of 16 ratings can only be guessed: sqrt(4 / 16) = 0.5 at best.
    assert _compute_rmse(peer, tastes) < 1.0
    assert _compute_rmse(RunningBias(), tastes) > 1.9


def test_moving_knn_is_knn_baseline_for_a_user_of_training(tastes):
    pytest.importorskip("surprise", reason="comes with requirements/peers.in")
    model, moving = SurpriseModel("knn_baseline", 5), MovingKnn(5)
    model.fit(tastes)
    moving.fit(tastes)
    rows = np.flatnonzero(tastes.users == 3)
    items, values = tastes.items[rows], tastes.values[rows]
    for item in set(range(20)) - set(items.tolist()):
        expected = model.predict(3, items, values, item)
        predicted = moving.predict(3, items, values, item)
        assert predicted == pytest.approx(expected, abs=0.02)


def test_moving_factors_solve_a_known_user_to_what_training_found(tastes):
    pytest.importorskip("surprise", reason="comes with requirements/peers.in")
    model = SurpriseModel("svd", 5, 0.02, 60)
    moving = MovingFactors("svd", 5, 0.02, 60, ridge=0.3)
    model.fit(tastes)
    moving.fit(tastes)
    rows = np.flatnonzero(tastes.users == 3)
    items, values = tastes.items[rows], tastes.values[rows]
    for item in set(range(20)) - set(items.tolist()):
        expected = model.predict(3, items, values, item)
        predicted = np.clip(moving.predict(3, items, values, item), 1.0, 5.0)
        assert predicted == pytest.approx(expected, abs=0.5)
