"""Linear models inside the graph."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import NeighbourTable

# Item 0 speaks for 1 and 2, item 2 against 0; items 1 and 3 say nothing.
_TABLE = NeighbourTable(
    half_life=1.0,
    item_rows=np.array([0, 2], np.int32),
    neighbours=np.array([[1, 2], [0, 3]], np.int32),
    weights=np.array([[4.0, 2.0], [-1.0, 8.0]], np.float32),
)
_PRIOR = np.array([0.5, 0.0, 0.0, 0.0], np.float32)
_SCORES = LinearScores(LinearModel("made_up", (_TABLE,), _PRIOR))
_NONE = 4  # padding


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], [0.5, 0.0, 0.0, 0.0]),
        ([0], [0.5, 4.0, 2.0, 0.0]),
        ([2, 0], [0.0, 4.0, 2.0, 4.0]),
        ([2, 1, 0, _NONE, _NONE], [0.25, 4.0, 2.0, 2.0]),
        ([0, 0], [0.5, 6.0, 3.0, 0.0]),
    ],
)
def test_neighbours_of_recent_events_add_up(history, expected):
    scores = _SCORES(tf.constant([history], tf.int32))
    np.testing.assert_allclose(scores, [expected], rtol=1e-5)


def test_rows_of_a_batch_do_not_mix():
    scores = _SCORES(tf.constant([[0, _NONE], [2, 0]], tf.int32))
    np.testing.assert_allclose(
        scores, [[0.5, 4.0, 2.0, 0.0], [0.0, 4.0, 2.0, 4.0]], rtol=1e-5
    )


def test_shares_of_the_events_sum_to_the_score_without_prior():
    rows = tf.constant([[2, 1, 0, _NONE], [0, 2, 0, 2]], tf.int32)
    candidates = tf.constant([[3, 1, 0], [0, 1, 2]], tf.int32)
    shares = _SCORES.attribute(rows, candidates)
    scores = tf.gather(_SCORES(rows) - _PRIOR, candidates, batch_dims=1)
    np.testing.assert_allclose(
        tf.reduce_sum(shares, axis=-1), scores, rtol=1e-5
    )
    # The first event spoke for item 3, the third for item 1.
    assert shares[0, 0].numpy() == pytest.approx([2.0, 0.0, 0.0, 0.0])
    assert shares[0, 1].numpy() == pytest.approx([0.0, 0.0, 4.0, 0.0])
