"""What is left of vectors beside the centres of their partitions."""

from typing import Literal

import numpy as np
import tensorflow as tf

Precision = Literal["float32", "float16", "int8"]
_LARGEST = 127  # code of the largest residual


class Residuals(tf.Module):
    """Some dimensions of all residuals, partition after partition.

    Codes are never decoded: queries are multiplied by the scale instead.

    Attributes:
        scale: float32 `[M]`, what a code of 1 stands for.
    """

    def __init__(self, residuals: np.ndarray, precision: Precision):
        """Keeps them as a variable, outside the 2 GB of a graph.

        Args:
            residuals: float32 `[P, S, M]`.
            precision: of the codes; an int8 is off by up to 1/254 of the
                largest residual of its dimension.
        """
        super().__init__(name="residuals")
        size, self._block, width = residuals.shape
        scale = np.ones(width, np.float32)
        codes = residuals.reshape(size * self._block, width)
        if precision == "int8":
            largest = np.abs(codes).max(axis=0, initial=0.0)
            scale = np.where(largest > 0.0, largest / _LARGEST, 1.0)
            codes = np.rint(codes / scale)
        self.scale = tf.constant(scale, tf.float32)
        self._codes = tf.Variable(codes.astype(precision), trainable=False)

    def score_partitions(
        self, queries: tf.Tensor, partitions: tf.Tensor
    ) -> tf.Tensor:
        """Multiplies queries with whole partitions.

        Args:
            queries: float32 `[B, M]`.
            partitions: int32 `[B, P]`, those of each query.

        Returns:
            float32 `[B, P, S]`.
        """
        width = self._codes.shape[1]
        blocks = tf.reshape(self._codes, [-1, self._block * width])
        codes = tf.gather(blocks, partitions)
        shape = tf.concat([tf.shape(partitions), [self._block]], axis=0)
        codes = tf.reshape(codes, tf.concat([shape[:1], [-1, width]], axis=0))
        return tf.reshape(self._multiply(queries, codes), shape)

    def score_places(self, queries: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
        """Multiplies queries `[B, M]` with places int32 `[B, R]` each."""
        return self._multiply(queries, tf.gather(self._codes, places))

    def score_range(
        self, queries: tf.Tensor, first: tf.Tensor, last: tf.Tensor
    ) -> tf.Tensor:
        """Multiplies queries `[B, M]` with all places from first to last.

        Returns:
            float32 `[B, last - first]`.
        """
        codes = tf.cast(self._codes[first:last], tf.float32)
        return tf.matmul(queries * self.scale, codes, transpose_b=True)

    def gather(self, places: tf.Tensor) -> tf.Tensor:
        """Returns the residuals at places, float32 `[..., M]`."""
        return tf.cast(tf.gather(self._codes, places), tf.float32) * self.scale

    def _multiply(self, queries, codes):
        return tf.linalg.matvec(
            tf.cast(codes, tf.float32), queries * self.scale
        )
