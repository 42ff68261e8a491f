"""When an item came into being, beside what every source is asked."""

import numpy as np
import tensorflow as tf

from tests.trainer.sources.catalogue import ITEMS
from trainer.config import TowerConfig
from trainer.sources.created_at_source import CreatedAtSettings
from trainer.sources.created_at_source import CreatedAtSource


def _source(num_knots):
    settings = CreatedAtSettings(num_knots=num_knots)
    return CreatedAtSource(ITEMS, TowerConfig(), settings)


def test_times_are_those_of_the_catalogue():
    times = _source(9).look_up(tf.constant([2, 1, 0]))
    # A float32 near 1.7e9 is off by up to 64 seconds.
    np.testing.assert_allclose(times, [1.6e9, np.nan, 1.7e9], atol=64)


def test_time_between_two_others_lies_between_them():
    # Items are of 1.6e9 and 1.7e9: two knots, and 1.62e9 is a fifth of the
    # way; rounding to 64 seconds is less than a millionth of it.
    vectors, _ = _source(2).encode(tf.constant([1.6e9, 1.62e9, 1.7e9]))
    old, between, new = vectors.numpy()
    np.testing.assert_allclose(between, 0.8 * old + 0.2 * new, atol=1e-5)
