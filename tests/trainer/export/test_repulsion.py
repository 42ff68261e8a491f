"""What dislikes take off the scores of items like those disliked."""

import numpy as np
import tensorflow as tf

from trainer.export.repulsion import Repulsion

_VECTORS = np.array([[3, 1], [1, 3], [-1, 1], [1, -1]], np.float32)  # mean 1, 1


def _repel(rows, disliked, strength=2.0):
    repulsion = Repulsion(_VECTORS, strength)
    vectors = tf.constant(_VECTORS[np.array([rows], int)])
    return repulsion(vectors, tf.constant([disliked], tf.bool)).numpy()[0]


def _departures():
    return _VECTORS - _VECTORS.mean(axis=0)


def test_disliked_item_loses_the_strength_and_its_opposite_gains_it():
    away = _repel([0], [True])
    np.testing.assert_allclose(_departures() @ away, [2, 0, -2, 0], atol=1e-6)


def test_what_was_not_disliked_does_not_repel():
    np.testing.assert_array_equal(_repel([0, 1], [False, False]), 0.0)
    np.testing.assert_array_equal(
        _repel([0, 1], [True, False]), _repel([0], [True])
    )


def test_of_several_dislikes_each_counts_less():
    both = _departures() @ _repel([0, 1], [True, True])
    np.testing.assert_allclose(both[:2], 2 / np.sqrt(2), rtol=1e-6)


def test_the_newest_ten_count():
    rows = [0] + [1] * 10
    lost = _departures() @ _repel(rows, [True] * 11)
    np.testing.assert_allclose(lost[0], 0.0, atol=1e-6)
    assert lost[1] > 2.0


def test_the_nearer_to_the_mean_of_all_the_less_an_item_repels():
    line = np.array([[1.0], [-1.0], [0.05], [-0.05], [0.0]], np.float32)
    repulsion = Repulsion(line, 2.0)
    usual = (line**2).mean()
    for value in line[:, 0]:
        away = repulsion(tf.constant([[[value]]]), tf.constant([[True]]))
        expected = 2.0 * value / max(value**2, usual)
        np.testing.assert_allclose(away, [[expected]], rtol=1e-5)


def test_items_that_are_all_alike_repel_nothing():
    repulsion = Repulsion(np.ones((2, 2), np.float32), 2.0)
    found = repulsion(tf.ones([1, 1, 2]), tf.constant([[True]]))
    np.testing.assert_array_equal(found, 0.0)


def test_no_event_and_no_strength_repel_nothing():
    assert _repel([], []).tolist() == [0.0, 0.0]
    assert _repel([0], [True], strength=0.0).tolist() == [0.0, 0.0]
