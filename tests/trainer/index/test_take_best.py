"""The best of many, whatever shape they come in."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.index.take_best import take_best
from trainer.index.take_best import take_top
from trainer.scoring.ranks import EXCLUDED


@pytest.mark.parametrize(
    "num_scores",
    [
        3,  # one round
        4096,
        8192,  # two rounds
        8196,  # in groups of four
        8193,  # no groups
    ],
)
@pytest.mark.parametrize("count", [0, 1, 7, 2000, 9000])
def test_best_scores_are_found_with_their_places(num_scores, count):
    scores = np.random.default_rng(3).normal(size=(3, num_scores))
    scores = scores.astype(np.float32)
    found, places = take_best(tf.constant(scores), count)
    best = -np.sort(-scores, axis=1)[:, :count]
    np.testing.assert_array_equal(-np.sort(-found.numpy(), axis=1), best)
    np.testing.assert_array_equal(
        np.take_along_axis(scores, places.numpy(), axis=1), found
    )


def test_equal_scores_are_each_taken_once():
    scores = np.zeros((2, 8192), np.float32)
    scores[:, ::3] = 1.0
    found, places = take_best(tf.constant(scores), 500)
    assert (found.numpy() == 1.0).all()
    assert all(len(set(row)) == 500 for row in places.numpy().tolist())


def test_empty_batch_gives_no_rows():
    found, places = take_best(tf.zeros([0, 8192]), 5)
    assert found.shape == places.shape == (0, 5)


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


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_not_shown_and_take_no_place(broken):
    scores = tf.constant([[broken, 0.1, broken, 0.3, broken]])
    _, rows, shown = take_top(scores, tf.constant([3]))
    assert rows[0, :2].numpy().tolist() == [3, 1]
    assert shown.numpy().tolist() == [[True, True, False]]
