"""Top k, exposure and reasons, by hand; filters on the served model."""

import numpy as np
import tensorflow as tf

from trainer.export.recommendation_graph import EncodedQuery
from trainer.export.recommendation_graph import Exposure
from trainer.export.recommendation_graph import attribute
from trainer.export.recommendation_graph import choose_reasons
from trainer.export.recommendation_graph import take_top
from trainer.scoring.ranks import EXCLUDED


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


def _exposure(counts):
    return Exposure(np.array(counts, np.int64))


def test_exposure_counts_the_ten_best_by_popularity():
    # 8 of 24 events each: one head item, two middle, eight tail; one unseen.
    exposure = _exposure([8, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    scores = np.arange(12.0, 0.0, -1.0)[np.newaxis].astype(np.float32)
    # All but the last two, which are a tail item and the unseen one.
    np.testing.assert_allclose(
        exposure(tf.constant(scores)), [[0.1, 0.2, 0.7, 0.0]], atol=1e-6
    )


def test_exposure_of_a_short_slate_sums_to_one():
    exposure = _exposure([8, 4, 4, 8, 0])
    scores = tf.constant([[EXCLUDED, 0.1, EXCLUDED, EXCLUDED, 0.2]])
    np.testing.assert_allclose(exposure(scores), [[0.0, 0.0, 0.5, 0.5]])
    nothing = tf.fill([1, 5], EXCLUDED)
    np.testing.assert_allclose(exposure(nothing), [[0.0] * 4])


def _query(attention, values, newest, num_events):
    """One request with one head over the beginning and the events."""
    return EncodedQuery(
        queries=tf.zeros([1, 2]),
        attention=tf.constant([[attention]]),
        values=tf.constant([[values]]),
        newest=tf.constant([newest]),
        num_events=tf.constant([num_events]),
        rows=tf.zeros([1, len(attention) - 1], tf.int32),
    )


def test_attention_of_an_event_goes_to_the_others_without_it():
    query = _query(
        attention=[0.25, 0.5, 0.25, 0.0],
        values=[[0.0, 0.0], [2.0, 0.0], [4.0, 0.0], [9.0, 9.0]],
        newest=[-3.0, 1.0],
        num_events=2,
    )
    drops = attribute(query, tf.constant([[[1.0, 0.0], [0.0, 2.0]]]))
    # Context 0.5 x 2 + 0.25 x 4 = 2; without the first event the rest share
    # its half evenly: 0.5 x 0 + 0.5 x 4 = 2, so nothing is lost. The newest
    # event changed the query by (-3, 1). The third place holds no event.
    np.testing.assert_allclose(
        drops, [[[0.0, -3.0, 0.0], [0.0, 2.0, 0.0]]], atol=1e-6
    )


def test_older_event_that_agrees_with_the_candidate_is_missed():
    query = _query(
        attention=[0.25, 0.5, 0.25],
        values=[[0.0, 0.0], [4.0, 0.0], [0.0, 0.0]],
        newest=[0.0, 0.0],
        num_events=2,
    )
    drops = attribute(query, tf.constant([[[1.0, 0.0]]]))
    # Context 2 with it, 0 without.
    np.testing.assert_allclose(drops, [[[2.0, 0.0]]], atol=1e-6)


def test_only_event_of_a_window_takes_all_its_attention_along():
    query = _query([0.0, 1.0], [[0.0, 0.0], [4.0, 0.0]], [3.0, 0.0], 1)
    drops = attribute(query, tf.constant([[[1.0, 0.0]]]))
    np.testing.assert_allclose(drops, [[[3.0]]])


def test_shares_are_of_all_that_raised_the_score():
    drops = tf.constant([[[0.5, -4.0, 1.0, 0.25, 0.25]]])
    positions, weights = choose_reasons(drops)
    # 1 + 0.5 + 0.25 + 0.25 = 2; three places show 7/8 of it.
    np.testing.assert_allclose(weights, [[[0.5, 0.25, 0.125]]])
    assert positions.numpy().tolist() == [[[2, 0, 3]]]


def test_window_that_only_lowered_the_score_gives_no_reasons():
    positions, weights = choose_reasons(tf.constant([[[-1.0, 0.0]]]))
    assert positions.numpy().tolist() == [[[-1, -1, -1]]]
    assert weights.numpy().sum() == 0.0


def test_empty_window_has_no_reasons():
    query = _query([1.0], [[5.0, 5.0]], [0.0, 0.0], 0)
    positions, weights = choose_reasons(attribute(query, tf.ones([1, 2, 2])))
    assert positions.numpy().tolist() == [[[-1, -1, -1]] * 2]
    assert weights.numpy().sum() == 0.0
