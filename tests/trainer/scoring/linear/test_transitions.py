"""Ridge regression of the next item."""

import numpy as np

from tests.trainer.scoring.linear.made_up_sequences import NUM_ITEMS
from tests.trainer.scoring.linear.made_up_sequences import go_round
from trainer.config import LinearConfig
from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.linear.transitions import fit_transitions

CONFIG = LinearConfig(transition_l2=1.0)


def _score(model, history):
    return LinearScores(model)(np.array([history], np.int32)).numpy()[0]


def test_next_item_of_the_circle_scores_highest():
    model = fit_transitions(go_round(), np.arange(4), CONFIG)
    for last in range(4):
        history = [(last - 2) % 4, (last - 1) % 4, last]
        scores = _score(model, history)
        assert scores.argmax() == (last + 1) % 4
        # A score estimates the chance to come next.
        assert 0.8 < scores.max() < 1.1


def test_items_left_out_score_nothing():
    model = fit_transitions(go_round(), np.arange(4), CONFIG)
    scores = _score(model, [4, 0, 1])
    assert scores[4] == scores[5] == 0.0


def test_empty_history_scores_by_frequency():
    rows = np.array([[0, 1, 1, 1], [2, 1, 1, 0]] * 20, np.int32)
    sequences = Sequences(
        rows,
        np.ones_like(rows, bool),
        np.zeros(40),
        np.arange(40),
        NUM_ITEMS,
        np.zeros(40),
    )
    # So strong a penalty that the constant has to explain everything.
    config = LinearConfig(transition_l2=1e6)
    model = fit_transitions(sequences, np.arange(3), config)
    scores = _score(model, [])
    np.testing.assert_allclose(scores[:3], [1 / 6, 5 / 6, 0.0], atol=0.01)


def test_weighted_windows_count_like_copies():
    def fit(copies, half_life_days, ended_at):
        rows = np.array([[0, 1], [0, 2]], np.int32).repeat(copies, axis=0)
        sequences = Sequences(
            rows,
            np.ones_like(rows, bool),
            np.array(ended_at),
            np.arange(len(rows)),
            3,
            np.zeros(len(rows)),
        )
        config = LinearConfig(
            transition_l2=0.5, recency_half_life_days=half_life_days
        )
        return fit_transitions(sequences, np.arange(3), config)

    copied = fit([2, 4], None, [0] * 6)
    # Weights 1/2 and 1 of four windows each: half the rows, twice as many.
    weighted = fit([4, 4], 1.0, [0] * 4 + [86_400] * 4)
    np.testing.assert_allclose(
        copied.tables[0].weights, weighted.tables[0].weights, atol=1e-6
    )
