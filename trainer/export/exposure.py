"""Shares of popularity buckets in the first places of a slate."""

import numpy as np
import tensorflow as tf

from schemas import events
from schemas.popularity import assign_item_buckets
from trainer.scoring.ranks import EXCLUDED
from trainer.scoring.ranks import put_non_finite_last

_NUM_EXPOSED = 10  # places of a slate that people see


class Exposure(tf.Module):
    """Computes the popularity buckets of a slate's first places."""

    def __init__(self, counts: np.ndarray):
        """Cuts the catalogue by train events, int64 `[N]`."""
        super().__init__(name="exposure")
        self._buckets = tf.Variable(
            assign_item_buckets(counts), trainable=False
        )

    def __call__(self, scores: tf.Tensor) -> tf.Tensor:
        """Measures the ten best of each row.

        Args:
            scores: float32 `[B, N]`, after filtering.

        Returns:
            float32 `[B, 4]`, shares in the order of `events.ITEM_BUCKETS`;
            all 0 where nothing may be shown.
        """
        width = tf.minimum(_NUM_EXPOSED, tf.shape(scores)[1])
        top, rows = tf.math.top_k(put_non_finite_last(scores), width)
        shown = tf.cast(top > EXCLUDED / 2, tf.float32)
        places = tf.one_hot(
            tf.gather(self._buckets, rows), len(events.ITEM_BUCKETS)
        )
        held = tf.reduce_sum(places * shown[..., tf.newaxis], axis=1)
        return tf.math.divide_no_nan(
            held, tf.reduce_sum(shown, axis=1, keepdims=True)
        )
