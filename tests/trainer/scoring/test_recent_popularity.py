"""Scores for one without history."""

import numpy as np
import pytest

from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.scorer_fitting import score_recent_popularity


def _make(rows, ended_at):
    rows = np.array(rows, np.int32)
    users = np.arange(len(rows))
    targets = np.ones_like(rows, bool)
    return Sequences(
        rows, targets, np.array(ended_at), users, 4, np.zeros(len(rows))
    )


def test_newest_events_decide():
    # Item 0 was popular once, item 1 is popular now; item 3 was never met.
    newest = [[1, 2], [1, 2], [1, 1]] * 7
    sequences = _make([[0, 0]] * 40 + newest, np.arange(61))
    scores = score_recent_popularity(sequences)
    assert np.argsort(-scores).tolist() == [1, 2, 0, 3]


def test_chances_sum_to_one():
    scores = score_recent_popularity(_make([[0, 1], [2, 1]], [5, 9]))
    assert np.exp(scores).sum() / 4 == pytest.approx(1.0)


def test_all_windows_count_where_none_is_newer():
    scores = score_recent_popularity(_make([[0, 1], [2, 1]], [7, 7]))
    assert scores.argmax() == 1
    assert scores[0] == scores[2] > scores[3]
