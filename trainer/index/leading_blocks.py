"""The dimensions that select the survivors, partition after partition."""

import numpy as np
import tensorflow as tf

from trainer.index.residuals import Precision
from trainer.index.residuals import encode
from trainer.scoring.ranks import EXCLUDED


class LeadingBlocks(tf.Module):
    """Leading dimensions of all residuals, one contiguous block a partition.

    A block is stored dimension by dimension, not item by item: a product with a
    query then reads contiguous memory. A further dimension with the same value
    for every query gives padding a lower score than all items, so that padding
    needs no mask.
    """

    def __init__(
        self, residuals: np.ndarray, is_item: np.ndarray, precision: Precision
    ):
        """Keeps them as a variable, outside the 2 GB of a graph.

        Args:
            residuals: float32 `[P, S, M]`.
            is_item: bool `[P, S]`, false at padding.
            precision: of the codes, see `encode`.
        """
        super().__init__(name="leading_blocks")
        size, self._block, self._width = residuals.shape
        flat = residuals.reshape(size * self._block, self._width)
        codes, scale = encode(flat, precision)
        codes = codes.reshape(residuals.shape).transpose(0, 2, 1)
        padding = np.where(is_item, 0, -1).astype(precision)[:, np.newaxis]
        codes = np.concatenate([codes, padding], axis=1)
        self._scale = tf.constant(scale, tf.float32)
        self._codes = tf.Variable(codes.reshape(size, -1), trainable=False)

    def score_partitions(
        self, queries: tf.Tensor, partitions: tf.Tensor
    ) -> tf.Tensor:
        """Multiplies queries with whole partitions.

        Args:
            queries: float32 `[B, M]`.
            partitions: int32 `[B, P]`, those of each query.

        Returns:
            float32 `[B, P, S]`, at most `EXCLUDED / 2` at padding.
        """
        codes = tf.gather(self._codes, partitions)
        shape = [*tf.unstack(tf.shape(partitions)), self._width + 1, -1]
        codes = tf.reshape(tf.cast(codes, tf.float32), shape)
        asked = self._ask(queries)[:, tf.newaxis, tf.newaxis]
        return tf.matmul(asked, codes)[:, :, 0]

    def score_range(
        self, queries: tf.Tensor, first: tf.Tensor, last: tf.Tensor
    ) -> tf.Tensor:
        """Multiplies queries `[B, M]` with partitions from first to last.

        Returns:
            float32 `[B, (last - first) S]`, as of `score_partitions`.
        """
        shape = [last - first, self._width + 1, self._block]
        codes = tf.reshape(tf.cast(self._codes[first:last], tf.float32), shape)
        scores = tf.einsum("bm,pms->bps", self._ask(queries), codes)
        return tf.reshape(scores, [tf.shape(queries)[0], -1])

    def gather(self, places: tf.Tensor) -> tf.Tensor:
        """Returns the residuals at places p S + s, float32 `[..., M]`."""
        size = self._width * self._block
        begins = places // self._block * (size + self._block)
        begins += places % self._block
        steps = tf.range(0, size, self._block)
        flat = tf.reshape(self._codes, [-1])
        codes = tf.gather(flat, begins[..., tf.newaxis] + steps)
        return tf.cast(codes, tf.float32) * self._scale

    def _ask(self, queries):
        """Scales queries, and adds the dimension of padding."""
        return tf.pad(
            queries * self._scale, [[0, 0], [0, 1]], constant_values=-EXCLUDED
        )
