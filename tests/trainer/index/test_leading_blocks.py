"""Products with whole partitions, in every precision."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.index.leading_blocks import LeadingBlocks
from trainer.ranks import EXCLUDED

_RESIDUALS = np.random.default_rng(2).uniform(-1, 1, (5, 4, 3))
_RESIDUALS = (_RESIDUALS * [1.0, 10.0, 0.0]).astype(np.float32)
_IS_ITEM = np.ones((5, 4), bool)
_IS_ITEM[1, 3] = False
_QUERIES = np.array([[1.0, 0.5, 2.0], [0.0, 1.0, 1.0]], np.float32)
# Half a code of int8 is 1 / 254 and 10 / 254; float16 has 11 bits.
_ERROR = {"float32": 1e-6, "float16": 10 / 2**11, "int8": 11 / 254}


@pytest.fixture(params=_ERROR)
def precision(request):
    return request.param


def _build(precision):
    return LeadingBlocks(_RESIDUALS, _IS_ITEM, precision)


def test_partitions_are_multiplied_whole(precision):
    partitions = np.array([[4, 0], [2, 2]], np.int32)
    expected = [
        _RESIDUALS[asked] @ query
        for asked, query in zip(partitions, _QUERIES, strict=True)
    ]
    np.testing.assert_allclose(
        _build(precision).score_partitions(tf.constant(_QUERIES), partitions),
        expected,
        atol=_ERROR[precision],
    )


def test_ranges_are_multiplied_alike(precision):
    np.testing.assert_allclose(
        _build(precision).score_range(tf.constant(_QUERIES), 2, 5),
        _QUERIES @ _RESIDUALS[2:].reshape(12, 3).T,
        atol=_ERROR[precision],
    )


def test_padding_is_below_every_item(precision):
    blocks, queries = _build(precision), tf.constant(_QUERIES)
    partitions = tf.constant([[1], [1]])
    for scores in (
        blocks.score_partitions(queries, partitions)[:, 0],
        blocks.score_range(queries, 1, 2),
    ):
        assert (scores.numpy()[:, 3] <= EXCLUDED / 2).all()
        assert (scores.numpy()[:, :3] > EXCLUDED / 2).all()


def test_residuals_come_back(precision):
    places = np.array([[0, 13], [19, 7]], np.int32)
    np.testing.assert_allclose(
        _build(precision).gather(places),
        _RESIDUALS.reshape(20, 3)[places],
        atol=_ERROR[precision],
    )
