"""Products with residuals, in every precision."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.index.residuals import Residuals

_RESIDUALS = np.random.default_rng(2).uniform(-1, 1, (5, 4, 3))
_RESIDUALS = (_RESIDUALS * [1.0, 10.0, 0.0]).astype(np.float32)
_FLAT = _RESIDUALS.reshape(20, 3)
_QUERIES = np.array([[1.0, 0.5, 2.0], [0.0, 1.0, 1.0]], np.float32)
# Half a code of int8 is 1 / 254 and 10 / 254; float16 has 11 bits.
_ERROR = {"float32": 1e-6, "float16": 10 / 2**11, "int8": 11 / 254}


@pytest.fixture(params=_ERROR)
def precision(request):
    return request.param


def test_places_and_ranges_are_multiplied_alike(precision):
    residuals = Residuals(_RESIDUALS, precision)
    queries = tf.constant(_QUERIES)
    places = np.array([[3, 17], [0, 19]], np.int32)
    expected = _QUERIES @ _FLAT.T
    error = _ERROR[precision]
    np.testing.assert_allclose(
        residuals.score_places(queries, places),
        np.take_along_axis(expected, places, axis=1),
        atol=error,
    )
    np.testing.assert_allclose(
        residuals.score_range(queries, 3, 9), expected[:, 3:9], atol=error
    )


def test_residuals_come_back(precision):
    residuals = Residuals(_RESIDUALS, precision)
    places = np.array([0, 13], np.int32)
    np.testing.assert_allclose(
        residuals.gather(places), _FLAT[places], atol=_ERROR[precision]
    )
