"""EASE over windows."""

import numpy as np
import pytest

from trainer.config import LinearConfig
from trainer.scoring.linear.co_occurrence import fit_co_occurrence
from trainer.scoring.linear.sequences import Sequences


def _make(rows, ended_at=0):
    rows = np.array(rows, np.int32)
    ended_at = np.broadcast_to(ended_at, len(rows))
    users = np.arange(len(rows))
    targets = np.ones_like(rows, bool)
    return Sequences(rows, targets, ended_at, users, 4, np.zeros(len(rows)))


def _dense(model, size):
    """The weights as a matrix, from item (row) to item (column)."""
    [table] = model.tables
    matrix = np.zeros((size, size))
    matrix[table.item_rows[:, None], table.neighbours] = table.weights
    return matrix


def test_weights_are_those_of_the_closed_form():
    rows = [[0, 1], [0, 1], [1, 2], [2, 0]]
    config = LinearConfig(co_occurrence_l2=1.0)
    model = fit_co_occurrence(_make(rows), np.arange(3), config)
    incidence = np.zeros((4, 3))
    for at, row in enumerate(rows):
        incidence[at, row] = 1.0
    inverse = np.linalg.inv(incidence.T @ incidence + np.eye(3))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    assert _dense(model, 3) == pytest.approx(expected, abs=1e-5)


def test_what_goes_together_attracts():
    model = fit_co_occurrence(
        _make([[0, 1], [0, 1], [2, 3], [2, 3]]),
        np.arange(4),
        LinearConfig(co_occurrence_l2=0.5),
    )
    weights = _dense(model, 4)
    assert weights[0, 1] > 0.5 > abs(weights[0, 2])


def test_recent_windows_say_more_where_asked():
    rows = [[0, 1]] * 3 + [[0, 2]] * 3
    ended_at = np.repeat([0, 86_400 * 30], 3)
    config = LinearConfig(co_occurrence_l2=1.0, recency_half_life_days=10)
    model = fit_co_occurrence(_make(rows, ended_at), np.arange(3), config)
    weights = _dense(model, 3)
    assert weights[0, 2] > 2 * weights[0, 1] > 0.0


def _expect(*stretches):
    """The weights of EASE with an L2 penalty of 1, by the matrix inverse."""
    incidence = np.zeros((len(stretches), 4))
    for at, items in enumerate(stretches):
        incidence[at, items] = 1.0
    inverse = np.linalg.inv(incidence.T @ incidence + np.eye(4))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    return pytest.approx(expected, abs=1e-5)


def _fit_users(rows, is_target, users):
    rows = np.array(rows, np.int32)
    sequences = Sequences(
        rows,
        np.array(is_target),
        np.arange(len(rows)),
        np.array(users),
        4,
        np.zeros(len(rows)),
    )
    config = LinearConfig(co_occurrence_l2=1.0)
    return _dense(fit_co_occurrence(sequences, np.arange(4), config), 4)


def test_context_that_a_later_window_repeats_counts_once():
    weights = _fit_users(
        [[0, 1, 4], [0, 1, 2]],
        [[True, True, False], [False, False, True]],
        [7, 7],
    )
    assert weights == _expect([0, 1, 2])


def test_windows_of_one_user_are_one_stretch_and_of_two_are_two():
    rows, targets = [[0, 1], [2, 3]], [[True, True], [True, True]]
    assert _fit_users(rows, targets, [7, 7]) == _expect([0, 1, 2, 3])
    assert _fit_users(rows, targets, [7, 8]) == _expect([0, 1], [2, 3])


def test_users_with_many_events_are_cut_into_stretches_of_one_length():
    # Up to 51 events count as together; 52 are two stretches of 26.
    rows = np.array([[0] * 26 + [1] * 26])
    together = _fit_users(rows[:, 1:], np.ones((1, 51), bool), [7])
    assert together == _expect([0, 1])
    assert _fit_users(rows, np.ones((1, 52), bool), [7]) == _expect([0], [1])


def test_windows_that_end_in_one_second_keep_their_places():
    # 60 events are two stretches of 30: half of the middle window in each.
    rows = np.array([[1], [0], [2]], np.int32).repeat(20, axis=1)
    same = np.zeros(3, np.int64)
    sequences = Sequences(
        rows, np.ones_like(rows, bool), same, same, 4, np.array([2, 1, 3])
    )
    config = LinearConfig(co_occurrence_l2=1.0)
    model = fit_co_occurrence(sequences, np.arange(4), config)
    assert _dense(model, 4) == _expect([0, 1], [1, 2])


def test_what_is_not_in_the_catalogue_is_left_out():
    weights = _fit_users([[0, 4, 1]], [[True, True, True]], [7])
    assert weights == _expect([0, 1])
