"""An embedding of a number."""

import numpy as np
import tensorflow as tf


class NumberEmbedding(tf.keras.layers.Layer):
    """Interpolates between the vectors of the two nearest quantiles.

    Input: float32 `[M]`, NaN where the number is not known.
    Output: float `[M, D]`; anything finite where it is not known.
    """

    def __init__(self, known: np.ndarray, width: int, num_knots: int):
        """Chooses the quantiles.

        Args:
            known: float `[N]`, numbers as they occur; NaN = not known.
            width: D.
            num_knots: quantiles at most; fewer where numbers repeat.
        """
        # Inputs stay float32: in bfloat16 all times of a month are the same.
        super().__init__(name="number_embedding", autocast=False)
        finite = known[np.isfinite(known)]
        knots = np.zeros(1, np.float32)
        if len(finite):
            shares = np.linspace(0.0, 1.0, num_knots)
            knots = np.unique(np.quantile(finite, shares).astype(np.float32))
        self._knots = tf.constant(knots)
        self._vectors = tf.keras.layers.Embedding(
            len(knots), width, name="knots"
        )

    def call(self, inputs):
        num_knots = self._knots.shape[0]
        numbers = tf.where(tf.math.is_nan(inputs), self._knots[0], inputs)
        # `tf.searchsorted` would be this, but refuses to find nothing.
        above = tf.raw_ops.UpperBound(
            sorted_inputs=self._knots[tf.newaxis],
            values=numbers[tf.newaxis],
        )[0]
        above = tf.clip_by_value(above, 1, max(1, num_knots - 1))
        above = tf.minimum(above, num_knots - 1)
        below = tf.maximum(above - 1, 0)
        low, high = tf.gather(self._knots, below), tf.gather(self._knots, above)
        share = tf.math.divide_no_nan(numbers - low, high - low)
        share = tf.clip_by_value(share, 0.0, 1.0)[:, tf.newaxis]
        low, high = self._vectors(below), self._vectors(above)
        return low + tf.cast(share, low.dtype) * (high - low)
