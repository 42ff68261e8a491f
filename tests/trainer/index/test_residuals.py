"""Products with residuals, in every precision."""

import numpy as np
import tensorflow as tf

from tests.trainer.index.samples import ERROR
from tests.trainer.index.samples import QUERIES
from tests.trainer.index.samples import RESIDUALS
from trainer.index.residuals import Residuals

_FLAT = RESIDUALS.reshape(20, 3)


def test_places_and_ranges_are_multiplied_alike(precision):
    residuals = Residuals(RESIDUALS, precision)
    queries = tf.constant(QUERIES)
    places = np.array([[3, 17], [0, 19]], np.int32)
    expected = QUERIES @ _FLAT.T
    error = ERROR[precision]
    np.testing.assert_allclose(
        residuals.score_places(queries, places),
        np.take_along_axis(expected, places, axis=1),
        atol=error,
    )
    np.testing.assert_allclose(
        residuals.score_range(queries, 3, 9), expected[:, 3:9], atol=error
    )


def test_residuals_come_back(precision):
    residuals = Residuals(RESIDUALS, precision)
    places = np.array([0, 13], np.int32)
    np.testing.assert_allclose(
        residuals.gather(places), _FLAT[places], atol=ERROR[precision]
    )
