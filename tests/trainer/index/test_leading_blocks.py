"""Products with whole partitions, in every precision."""

import numpy as np
import tensorflow as tf

from tests.trainer.index.samples import ERROR
from tests.trainer.index.samples import QUERIES
from tests.trainer.index.samples import RESIDUALS
from trainer.index.leading_blocks import LeadingBlocks
from trainer.scoring.ranks import EXCLUDED

_IS_ITEM = np.ones((5, 4), bool)
_IS_ITEM[1, 3] = False


def _build(precision):
    return LeadingBlocks(RESIDUALS, _IS_ITEM, precision)


def test_partitions_are_multiplied_whole(precision):
    partitions = np.array([[4, 0], [2, 2]], np.int32)
    expected = [
        RESIDUALS[asked] @ query
        for asked, query in zip(partitions, QUERIES, strict=True)
    ]
    np.testing.assert_allclose(
        _build(precision).score_partitions(tf.constant(QUERIES), partitions),
        expected,
        atol=ERROR[precision],
    )


def test_ranges_are_multiplied_alike(precision):
    np.testing.assert_allclose(
        _build(precision).score_range(tf.constant(QUERIES), 2, 5),
        QUERIES @ RESIDUALS[2:].reshape(12, 3).T,
        atol=ERROR[precision],
    )


def test_padding_is_below_every_item(precision):
    blocks, queries = _build(precision), tf.constant(QUERIES)
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
        RESIDUALS.reshape(20, 3)[places],
        atol=ERROR[precision],
    )
