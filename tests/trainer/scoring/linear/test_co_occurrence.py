"""EASE over windows."""

import numpy as np
import pytest

from trainer.config import LinearConfig
from trainer.scoring.linear.co_occurrence import fit_co_occurrence
from trainer.scoring.linear.sequences import Sequences


def _make(rows, ended_at=0):
    rows = np.array(rows, np.int32)
    ended_at = np.broadcast_to(ended_at, len(rows))
    return Sequences(rows, np.ones_like(rows, bool), ended_at, 4)


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
