"""Windows as arrays for models in closed form."""

import numpy as np
import pytest

from tests.trainer.scoring.linear.made_up_sequences import go_round
from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.linear.sequences import choose_items
from trainer.scoring.linear.sequences import collect_sequences
from trainer.scoring.linear.sequences import iterate_histories
from trainer.scoring.linear.sequences import weigh_ages
from trainer.scoring.linear.sequences import weigh_lags

_DAY = 86_400


def _make(rows, is_target=None, ended_at=None, num_items=5):
    rows = np.array(rows, np.int32)
    targets = np.ones_like(rows, bool) if is_target is None else is_target
    ended_at = np.zeros(len(rows), np.int64) if ended_at is None else ended_at
    return Sequences(
        rows,
        np.array(targets),
        np.array(ended_at),
        np.arange(len(rows)),
        num_items,
        np.zeros(len(rows), np.int64),
    )


def test_batches_of_unequal_width_are_gathered():
    batches = [
        {
            "rows": np.array([[1, 2]]),
            "is_target": np.array([[True, True]]),
            "timestamp": np.array([[7, 9]]),
            "mask": np.array([[True, True]]),
            "older_rows": np.array([[4, 4, 5]]),
            "user": np.array([[70]]),
        },
        {
            "rows": np.array([[3, 4, 0]]),
            "is_target": np.array([[False, True, True]]),
            "timestamp": np.array([[1, 5, 5]]),
            "mask": np.array([[True, True, True]]),
            "older_rows": np.array([[5]]),
            "user": np.array([[80]]),
        },
    ]
    sequences = collect_sequences(batches, 5)
    assert sequences.rows.tolist() == [[1, 2, 5], [3, 4, 0]]
    assert sequences.is_target.tolist() == [
        [True, True, False],
        [False, True, True],
    ]
    assert sequences.ended_at.tolist() == [9, 5]
    assert sequences.users.tolist() == [70, 80]
    # One event of the last second and two older ones; two of the last.
    assert sequences.place.tolist() == [3, 2]


def test_only_targets_are_counted():
    sequences = _make([[0, 1, 1], [2, 5, 5]], [[False, True, True], [True] * 3])
    assert sequences.count_targets().tolist() == [0, 2, 1, 0, 0]


def test_joined_windows_count_together():
    both = _make([[0, 1]]).join(_make([[2, 2, 2]]))
    assert both.rows.tolist() == [[0, 1, 5], [2, 2, 2]]
    assert both.count_targets().tolist() == [1, 1, 3, 0, 0]


def test_old_windows_weigh_less_but_never_nothing():
    ended_at = np.array([0, 90 * _DAY, 100 * _DAY])
    np.testing.assert_allclose(
        weigh_ages(ended_at, 10.0), [0.02, 0.5, 1.0], rtol=1e-5
    )
    assert weigh_ages(ended_at, None).tolist() == [1.0, 1.0, 1.0]


def test_frequent_items_are_chosen_in_catalogue_order():
    counts = np.array([3, 1, 9, 5])
    assert choose_items(counts, min_count=2, max_items=2).tolist() == [2, 3]
    assert choose_items(counts, min_count=2, max_items=9).tolist() == [0, 2, 3]


def test_lag_weights_halve_and_end_at_a_thousandth():
    weights = weigh_lags(2.0)
    assert weights[:3] == pytest.approx([1.0, 2**-0.5, 0.5])
    assert len(weights) == 20
    assert weights[-1] < 0.0015


def test_histories_hold_what_went_before_their_target():
    sequences = _make([[0, 1, 5, 2]], [[True, True, True, True]])
    weights = np.array([1.0, 0.5, 0.25], np.float32)
    [(histories, targets, window_weights)] = iterate_histories(
        sequences, weights, np.array([3.0], np.float32)
    )
    # Item 5 is unknown: no target, and no part of a history.
    assert targets.tolist() == [1, 2]
    assert histories.toarray().tolist() == [
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.25, 0.5, 0.0, 0.0, 0.0],
    ]
    assert window_weights.tolist() == [3.0, 3.0]


def test_every_target_with_a_history_comes_once():
    sequences = go_round()
    blocks = list(
        iterate_histories(sequences, weigh_lags(1.0), np.ones(40, np.float32))
    )
    assert sum(len(targets) for _, targets, _ in blocks) == 40 * 11
