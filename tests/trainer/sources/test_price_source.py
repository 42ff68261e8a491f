"""What an item costs, beside what every source is asked."""

import numpy as np
import tensorflow as tf

from tests.trainer.sources.catalogue import ITEMS
from trainer.config import TowerConfig
from trainer.sources.price_source import PriceSettings
from trainer.sources.price_source import PriceSource


def _source(num_knots):
    settings = PriceSettings(num_knots=num_knots)
    return PriceSource(ITEMS, TowerConfig(), settings)


def test_prices_are_those_of_the_catalogue():
    prices = _source(9).look_up(tf.constant([2, 1, 0]))
    np.testing.assert_array_equal(prices, [9.0, np.nan, 4.0])


def test_price_between_two_others_lies_between_them():
    # Items cost 4 and 9: two knots, and 5 is a fifth of the way.
    vectors, _ = _source(2).encode(tf.constant([4.0, 5.0, 9.0]))
    cheap, between, dear = vectors.numpy()
    np.testing.assert_allclose(between, 0.8 * cheap + 0.2 * dear, atol=1e-6)
