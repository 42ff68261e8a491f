"""Ratings to predict, on data small enough to work out by hand."""

from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.ratings.rating_protocol import compute_rmse_ratio
from benchmarks.ratings.rating_protocol import evaluate_ratings
from benchmarks.ratings.rating_protocol import predict_all
from benchmarks.ratings.rating_protocol import split_ratings
from benchmarks.ratings.rating_protocol import square_errors
from benchmarks.ratings.rating_protocol import tune_ratings


@pytest.fixture
def data():
    """18 ratings by user 0, then user 0, 1 and 1 again: cut at row 18."""
    users = np.array([0] * 18 + [0, 1, 1])
    ratings = np.array([1.0, 5.0] * 9 + [4.0, 2.0, 3.0])
    return build_interactions(users, np.arange(21), np.arange(21), ratings)


def test_histories_move_on_and_new_users_begin_without_any(data):
    train, asked = split_ratings(data)
    assert len(train.items) == 18
    assert asked.queries.users.tolist() == [0, 1, 1]
    assert asked.ratings.tolist() == [4.0, 2.0, 3.0]
    assert asked.is_warm.tolist() == [True, False, False]
    assert len(asked.get_values(0)) == 18
    assert asked.get_values(1).tolist() == []
    assert asked.get_values(2).tolist() == [2.0]
    assert asked.queries.get_history(2).tolist() == [19]


def test_errors_are_squared_and_warm_users_also_told_apart(data):
    train, asked = split_ratings(data)
    # Errors 1, 2 and -1; 9.0 is brought down to the highest rating, 5.
    asked.ratings[:] = [4.0, 3.0, 4.0]
    errors = square_errors(np.array([9.0, 5.0, 3.0]), asked, train)
    assert errors.tolist() == [1.0, 4.0, 1.0]
    report = evaluate_ratings(errors, asked)
    assert report.rmse == pytest.approx(np.sqrt((1 + 4 + 1) / 3))
    assert report.rmse_warm_users == pytest.approx(1.0)
    assert report.num_queries == 3
    assert report.num_warm_queries == 1
    # Squares 1 | 4, 1 of two users, mean 2: sums -1 and 1, error sqrt(2) / 3
    # of the mean, over twice the root.
    assert report.rmse_se == pytest.approx(np.sqrt(2) / 3 / 2 / np.sqrt(2))


@dataclass
class _Repeats:
    """Predicts `times` the user's last rating."""

    times: float
    num_fitted: int = 0

    def fit(self, train):
        self.num_fitted = len(train.items)

    def predict(self, user, items, values, item):
        return self.times * values[-1] if len(values) else 3.0


def test_peers_see_each_user_s_ratings_up_to_the_question(data):
    _, asked = split_ratings(data)
    predicted = predict_all(_Repeats(1.0), asked)
    assert predicted.tolist() == [5.0, 3.0, 2.0]


def test_settings_are_chosen_within_the_training_part(data):
    # The last tenth of training, rows 16 and 17: 1.0 after 5.0, 5.0 after
    # 1.0. In the test part repeating would be the better choice.
    train, _ = split_ratings(data)
    best = tune_ratings([_Repeats(1.0), _Repeats(3.0)], train)
    assert best.times == 3.0
    assert best.num_fitted == 18


def test_tuning_without_peers_is_refused(data):
    with pytest.raises(ValueError, match="at least one"):
        tune_ratings([], data)


def test_the_ratio_of_two_errors_is_surer_than_each_of_them(data):
    _, asked = split_ratings(data)
    theirs = np.array([4.0, 1.0, 1.0])
    # Always half their error: no doubt about the ratio.
    assert compute_rmse_ratio(theirs / 4, theirs, asked) == (0.5, 0.0)
    ours = np.array([4.0, 0.0, 0.0])
    ratio, error = compute_rmse_ratio(ours, theirs, asked)
    # Means 4/3 and 2. Residuals (4 - 8/3) / 2 and twice (0 - 2/3) / 2: by
    # user 2/3 and -2/3, error sqrt(8)/3 / 3, over twice the root.
    assert ratio == pytest.approx(np.sqrt(2 / 3))
    assert error == pytest.approx(np.sqrt(8) / 9 / 2 / np.sqrt(2 / 3))
