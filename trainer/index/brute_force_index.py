"""Scores every item."""

import numpy as np
import tensorflow as tf

from trainer.scoring.ranks import EXCLUDED


class BruteForceIndex(tf.Module):
    """Exact, and fast enough for some ten thousand items."""

    def __init__(self, vectors: np.ndarray):
        """Keeps float32 `[N, D]`, one vector per item."""
        super().__init__(name="brute_force_index")
        self.num_items = len(vectors)
        self._vectors = tf.Variable(vectors, trainable=False)

    def search(self, queries, count, restriction=None):
        """Finds the items of the largest dot products.

        Args and results are those of `IvfIndex.search`.
        """
        scores = self.score_all(queries)
        if restriction is not None:
            rows = tf.range(self.num_items)[tf.newaxis]
            at = tf.range(tf.shape(queries)[0])
            rows = tf.broadcast_to(rows, tf.shape(scores))
            scores = restriction.apply(scores, lambda: rows, at)
        width = tf.minimum(count, self.num_items)
        scores, rows = tf.math.top_k(scores, width)
        rows = tf.where(scores > EXCLUDED / 2, rows, self.num_items)
        padding = [[0, 0], [0, count - width]]
        return (
            tf.pad(scores, padding, constant_values=EXCLUDED),
            tf.pad(rows, padding, constant_values=self.num_items),
        )

    def score_all(self, queries: tf.Tensor) -> tf.Tensor:
        """Computes every dot product; float32 `[B, N]`."""
        return tf.matmul(queries, self._vectors, transpose_b=True)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns vectors of catalogue rows, float32 `[..., D]`."""
        return tf.gather(self._vectors, rows)
