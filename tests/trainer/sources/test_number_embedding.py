"""Numbers lie between the vectors of the quantiles next to them."""

import numpy as np
import tensorflow as tf

from tests.trainer.bfloat16 import require_bfloat16
from trainer.sources.number_embedding import NumberEmbedding

_KNOWN = np.array([1.0, 2.0, 2.0, 4.0, np.nan, 100.0])


def test_number_between_two_quantiles_lies_between_their_vectors():
    # Three quantiles of 1, 2, 2, 4, 100: the least, the middle, the largest.
    embedding = NumberEmbedding(_KNOWN, 3, num_knots=3)
    one, two, hundred = embedding(tf.constant([1.0, 2.0, 100.0])).numpy()
    between = embedding(tf.constant([1.25, 51.0])).numpy()
    # 51 is half the way from 2 to 100.
    np.testing.assert_allclose(between[0], 0.75 * one + 0.25 * two, atol=1e-6)
    np.testing.assert_allclose(between[1], (two + hundred) / 2, atol=1e-6)


def test_numbers_beyond_those_seen_are_like_the_outermost():
    embedding = NumberEmbedding(_KNOWN, 3, num_knots=3)
    ends = embedding(tf.constant([1.0, 100.0]))
    np.testing.assert_array_equal(embedding(tf.constant([-5.0, 1e9])), ends)


def test_unknown_number_is_finite():
    vector = NumberEmbedding(_KNOWN, 3, num_knots=3)(tf.constant([np.nan]))
    assert np.isfinite(vector).all()


def test_numbers_that_are_all_the_same_or_none_need_no_quantiles():
    for known in ([7.0, 7.0], [np.nan], []):
        embedding = NumberEmbedding(np.array(known, float), 3, num_knots=5)
        vectors = embedding(tf.constant([7.0, 8.0, -1.0]))
        assert np.isfinite(vectors).all()
        np.testing.assert_array_equal(vectors[0], vectors[1])


def test_no_numbers_have_no_vectors():
    embedding = NumberEmbedding(_KNOWN, 3, num_knots=3)
    assert embedding(tf.zeros([0])).shape == (0, 3)


def test_times_in_seconds_a_day_apart_are_told_apart_in_coarse_towers():
    require_bfloat16()
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        times = 1.7e9 + 86_400.0 * np.arange(3)
        embedding = NumberEmbedding(times, 3, num_knots=3)
        vectors = embedding(tf.constant(times, tf.float32))
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert len({tuple(vector) for vector in vectors.numpy().tolist()}) == 3
