"""Estimates which events of the window are the reasons for an item."""

import tensorflow as tf

from schemas.signatures import POSITIONS_PER_ITEM
from trainer.towers.query_tower import EncodedQuery


def attribute(query: EncodedQuery, candidates: tf.Tensor) -> tf.Tensor:
    """Estimates how much lower each score would be without each event.

    For the newest event this is exact: the query tower's state before it. Any
    other event is left out of the last attention block, where the others share
    its attention: this is cheap, but ignores its effect on other events.

    Args:
        query: the encoded requests.
        candidates: float32 `[B, K, D]`.

    Returns:
        float32 `[B, K, L]`; negative where the score would rise, 0 where
        there is no event. `leave_one_out.py` computes it exactly.
    """
    weight = query.attention[..., tf.newaxis]  # [B, H, L + 1, 1]
    context = tf.reduce_sum(weight * query.values, axis=2, keepdims=True)
    # Without event l the context is (context - w v) / (1 - w).
    lost = weight / tf.maximum(1.0 - weight, 1e-6) * (query.values - context)
    lost = tf.reduce_sum(lost, axis=1)[:, 1:]
    position = tf.range(tf.shape(lost)[1])[tf.newaxis]
    count = query.num_events[:, tf.newaxis]
    is_newest = (position == count - 1)[..., tf.newaxis]
    lost = tf.where(is_newest, query.newest[:, tf.newaxis], lost)
    lost = tf.where((position < count)[..., tf.newaxis], lost, 0.0)
    return tf.matmul(candidates, lost, transpose_b=True)


def to_shares(drops: tf.Tensor) -> tf.Tensor:
    """Turns drops of a score into shares of the total increase.

    Args:
        drops: float32 `[..., L]`, what a score loses without each event.

    Returns:
        float32 `[..., L]`, summing to one; events that lowered the score
        have no share. All zeros where no event raised it.
    """
    raised = tf.nn.relu(drops)
    return tf.math.divide_no_nan(
        raised, tf.reduce_sum(raised, axis=-1, keepdims=True)
    )


def choose_reasons(drops: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the events of the window with the largest shares.

    Args:
        drops: float32 `[B, K, L]`, as of `attribute`.

    Returns:
        positions int32 `[B, K, 3]`, largest share first, -1 = none, and
        their shares of the whole window, float32 `[B, K, 3]`.
    """
    width = POSITIONS_PER_ITEM
    padded = tf.pad(to_shares(drops), [[0, 0], [0, 0], [0, width]])
    weights, positions = tf.math.top_k(padded, width)
    found = weights > 0.0
    return tf.where(found, positions, -1), tf.where(found, weights, 0.0)
