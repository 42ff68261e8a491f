"""What each score owes to each event and kind, by hand."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.export.reasons import attribute
from trainer.export.reasons import choose_reasons
from trainer.export.reasons import share_among_kinds
from trainer.towers.query_tower import EncodedQuery


def _query(attention, values, newest, num_events):
    """One request with one head over the beginning and the events."""
    return EncodedQuery(
        queries=tf.zeros([1, 2]),
        attention=tf.constant([[attention]]),
        values=tf.constant([[values]]),
        newest=tf.constant([newest]),
        num_events=tf.constant([num_events]),
        rows=tf.zeros([1, len(attention) - 1], tf.int32),
        attracted=tf.zeros([1, 2]),
        places=tf.range(len(attention) - 1)[tf.newaxis],
        disliked_rows=tf.zeros([1, 0], tf.int32),
        left_out=tf.zeros([1, 3, 2]),
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
    np.testing.assert_allclose(drops, [[[3.0]]], atol=1e-6)


def test_shares_are_of_all_that_raised_the_score():
    drops = tf.constant([[[0.5, -4.0, 1.0, 0.25, 0.25]]])
    positions, weights = choose_reasons(drops, tf.constant([[0.8]]))
    # 1 + 0.5 + 0.25 + 0.25 = 2; three places show 7/8 of the history's 0.8.
    np.testing.assert_allclose(weights, [[[0.4, 0.2, 0.1]]])
    assert positions.numpy().tolist() == [[[2, 0, 3]]]


def test_window_that_only_lowered_the_score_gives_no_reasons():
    drops = tf.constant([[[-1.0, 0.0]]])
    positions, weights = choose_reasons(drops, tf.constant([[0.0]]))
    assert positions.numpy().tolist() == [[[-1, -1, -1]]]
    assert weights.numpy().sum() == 0.0


def test_empty_window_has_no_reasons():
    query = _query([1.0], [[5.0, 5.0]], [0.0, 0.0], 0)
    drops = attribute(query, tf.ones([1, 2, 2]))
    positions, weights = choose_reasons(drops, tf.zeros([1, 2]))
    assert positions.numpy().tolist() == [[[-1, -1, -1]] * 2]
    assert weights.numpy().sum() == 0.0


def _share(whole, no_history, no_need, neither, is_reason=(True, True), **more):
    """Shares of one item among 199, whose middle place is the 100th."""
    places = tf.constant([[[whole], [no_history], [no_need], [neither]]])
    flags = tf.constant([[[flag] for flag in is_reason]])
    found = share_among_kinds(places, 199, flags, **more)
    return [float(share[0, 0]) for share in found.values()]


def test_shares_tell_how_far_back_an_item_falls_without_each_kind():
    # Without the history from the 1st to the 10th place, from where it is as
    # far to the 100th: half of it is popularity. No need was told.
    found = _share(1.0, 10.0, 1.0, 10.0, is_reason=(True, False))
    assert found == pytest.approx([0.5, 0.0, 0.5])


def test_history_that_moves_nothing_is_no_reason():
    found = _share(4.0, 4.0, 4.0, 4.0)
    assert found == pytest.approx([0.0, 0.0, 1.0])


def test_what_each_of_two_kinds_would_bring_alone_is_due_to_both():
    # Either of them alone brings the item from the middle to the 1st place.
    found = _share(1.0, 1.0, 1.0, 100.0)
    assert found == pytest.approx([0.5, 0.5, 0.0])


def test_kind_that_holds_an_item_back_is_no_reason():
    # Without the need it would be ten times as far in front.
    found = _share(10.0, 100.0, 1.0, 10.0)
    assert found == pytest.approx([0.5, 0.0, 0.5])


def test_item_behind_the_middle_for_every_reason_has_no_shares():
    assert _share(150.0, 150.0, 150.0, 150.0) == [0.0, 0.0, 0.0]


def test_what_the_prior_moved_counts_as_popularity():
    # From the 10th place to the 1st, beside ten times for the history.
    lift = tf.math.log([[10.0]])
    found = _share(10.0, 100.0, 10.0, 100.0, (True, False), lift=lift)
    assert found == pytest.approx([0.5, 0.0, 0.5])
