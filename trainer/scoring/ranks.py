"""Ranks in the whole catalogue, and what is no candidate."""

import tensorflow as tf

EXCLUDED = -1e30  # below every score a model gives


def exclude_rows(scores: tf.Tensor, met: tf.Tensor) -> tf.Tensor:
    """Pushes items below every other score.

    Args:
        scores: float32 `[B, N]`.
        met: int32 `[B, X]`, rows that are no candidates; N = padding.

    Returns:
        float32 `[B, N]`.
    """
    # One more column takes what the padding names.
    padded = tf.pad(scores, [[0, 0], [0, 1]])
    batch = tf.broadcast_to(
        tf.range(tf.shape(met)[0])[:, tf.newaxis], tf.shape(met)
    )
    padded = tf.tensor_scatter_nd_update(
        padded,
        tf.stack([batch, met], axis=-1),
        tf.fill(tf.shape(met), EXCLUDED),
    )
    return padded[:, :-1]


def hold_rows(rows: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
    """Tells which rows a list holds, in memory linear in both.

    Args:
        rows: int32 `[B, X]`, not negative, in any order.
        wanted: int32 `[B, R]`, not negative.

    Returns:
        bool `[B, R]`.
    """
    # One that nobody wants: an empty list has something to compare with.
    held = tf.sort(tf.pad(rows, [[0, 0], [1, 0]], constant_values=-1), axis=1)
    # `tf.searchsorted` would be this, but refuses to find nothing.
    at = tf.raw_ops.LowerBound(sorted_inputs=held, values=wanted)
    at = tf.minimum(at, tf.shape(held)[1] - 1)
    return tf.gather(held, at, batch_dims=1) == wanted


def compute_rank(
    scores: tf.Tensor, label: tf.Tensor, met: tf.Tensor
) -> tf.Tensor:
    """Ranks one item per row among all that were not met before.

    The true item is a candidate even if it was met before. Ties count
    against it: a model that scores all items alike must not look good.

    Args:
        scores: float32 `[B, N]`.
        label: int32 `[B]`, row of the true item; N = not in the catalogue.
        met: int32 `[B, X]`, rows that are no candidates; N = padding.

    Returns:
        float32 `[B]`, 1-based; N + 1 where the item is not in the catalogue.
    """
    num_items = tf.shape(scores)[1]
    known = label < num_items
    row = tf.where(known, label, 0)
    own = tf.gather(scores, row, batch_dims=1)[:, tf.newaxis]
    others = exclude_rows(scores, met)
    itself = tf.one_hot(row, num_items, on_value=True, off_value=False)
    ahead = (others >= own) & tf.logical_not(itself)
    rank = 1.0 + tf.reduce_sum(tf.cast(ahead, tf.float32), axis=1)
    return tf.where(known, rank, tf.cast(num_items + 1, tf.float32))
