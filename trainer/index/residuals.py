"""Residuals of vectors from the centres of their partitions."""

from typing import Literal

import numpy as np
import tensorflow as tf

Precision = Literal["float32", "float16", "int8"]
_LARGEST = 127  # code of the largest residual


def encode(
    residuals: np.ndarray, precision: Precision
) -> tuple[np.ndarray, np.ndarray]:
    """Rounds residuals to codes.

    Args:
        residuals: float32 `[N, M]`.
        precision: of the codes; an int8 is off by up to 1/254 of the largest
            residual of its dimension.

    Returns:
        Codes `[N, M]`, and float32 `[M]`, what a code of 1 stands for.
    """
    scale = np.ones(residuals.shape[1], np.float32)
    if precision == "int8":
        largest = np.abs(residuals).max(axis=0, initial=0.0)
        scale = np.where(largest > 0.0, largest / _LARGEST, 1.0)
        residuals = np.rint(residuals / scale)
    return residuals.astype(precision), scale


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
            precision: of the codes, see `encode`.
        """
        super().__init__(name="residuals")
        size, block, width = residuals.shape
        codes, scale = encode(residuals.reshape(size * block, width), precision)
        self.scale = tf.constant(scale, tf.float32)
        self._codes = tf.Variable(codes, trainable=False)

    def score_places(self, queries: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
        """Multiplies queries `[B, M]` with places int32 `[B, R]` each."""
        codes = tf.cast(tf.gather(self._codes, places), tf.float32)
        return tf.linalg.matvec(codes, queries * self.scale)

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
