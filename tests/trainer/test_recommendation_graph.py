"""Top k and reasons, by hand. Filters are tested on the served model."""

import numpy as np
import tensorflow as tf

from trainer.ranks import EXCLUDED
from trainer.recommendation_graph import EncodedQuery
from trainer.recommendation_graph import explain
from trainer.recommendation_graph import share_attention
from trainer.recommendation_graph import take_top


def test_excluded_items_are_not_shown_even_if_k_asks_for_them():
    scores = tf.constant([[0.1, EXCLUDED, 0.3]])
    _, rows, shown = take_top(scores, tf.constant([3]))
    assert rows[0, :2].numpy().tolist() == [2, 0]
    assert shown.numpy().tolist() == [[True, True, False]]


def test_k_beyond_the_catalogue_gives_the_catalogue():
    _, rows, _ = take_top(tf.zeros([1, 3]), tf.constant([10]))
    assert rows.shape == (1, 3)


def test_negative_k_shows_nothing():
    _, _, shown = take_top(tf.zeros([2, 3]), tf.constant([-1, 2]))
    assert shown.numpy().tolist() == [[False, False], [True, True]]


def test_shares_follow_attention_times_agreement():
    query = EncodedQuery(
        queries=tf.zeros([1, 2]),
        attention=tf.constant([[[0.5, 0.25, 0.25]]]),
        values=tf.constant([[[[1.0, 0.0], [2.0, 0.0], [-4.0, 0.0]]]]),
        rows=tf.constant([[0, 1, 2]]),
    )
    shares = share_attention(query, tf.constant([[[1.0, 0.0]]]))
    positions, weights = explain(shares)
    # Shares 0.5 * 1, 0.25 * 2 and a negative one that counts as none.
    np.testing.assert_allclose(weights, [[[0.5, 0.5, 0.0]]])
    assert positions.numpy().tolist() == [[[0, 1, -1]]]


def test_empty_window_has_no_reasons():
    positions, weights = explain(tf.zeros([1, 2, 0]))
    assert positions.numpy().tolist() == [[[-1, -1, -1]] * 2]
    assert weights.numpy().sum() == 0.0
