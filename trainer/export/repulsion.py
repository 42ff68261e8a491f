"""What dislikes take off the scores of items like those disliked."""

import numpy as np
import tensorflow as tf

_NUM_DISLIKES = 10  # the newest count


class Repulsion(tf.Module):
    """Turns disliked items into a direction that queries avoid.

    An item is like a disliked one as far as it departs from the mean of the
    catalogue in the same direction. A disliked item as far from the mean as
    items are by root mean square, or farther, loses `strength` itself, one that
    is nearer less: it says less about what to avoid. A number of dislikes
    lowers by its root what each of them counts.

    Source:
        The negative part of Rocchio's formula, 1971: relevance feedback moves
        a query away from what was judged not relevant.
    """

    def __init__(self, vectors: np.ndarray, strength: float):
        """Measures the mean of the catalogue.

        Args:
            vectors: float32 `[N, D]`, the encoded catalogue.
            strength: in units of the score; 0 = nothing repels.
        """
        super().__init__(name="repulsion")
        mean = vectors.mean(axis=0)
        self._mean = tf.constant(mean, tf.float32)
        self._usual = float(((vectors - mean) ** 2).sum(axis=1).mean())
        self._strength = strength

    def __call__(self, vectors: tf.Tensor, disliked: tf.Tensor) -> tf.Tensor:
        """Finds the direction to avoid.

        Args:
            vectors: float32 `[B, S, D]`, of the items of each window.
            disliked: bool `[B, S]`, which of them were, oldest first.

        Returns:
            float32 `[B, D]`, to be subtracted from queries whose products with
            items are scores; zeros where nothing was disliked.
        """
        if not self._strength:
            return tf.zeros_like(vectors[:, 0])
        counted = tf.cast(disliked, tf.float32)
        newer = tf.cumsum(counted, axis=1, reverse=True, exclusive=True)
        counted *= tf.cast(newer < _NUM_DISLIKES, tf.float32)
        away = vectors - self._mean
        length = tf.reduce_sum(away**2, axis=-1, keepdims=True)
        away = tf.math.divide_no_nan(away, tf.maximum(length, self._usual))
        away *= counted[..., tf.newaxis]
        number = tf.reduce_sum(counted, axis=1, keepdims=True)
        total = tf.reduce_sum(away, axis=1)
        return self._strength * tf.math.divide_no_nan(total, tf.sqrt(number))
