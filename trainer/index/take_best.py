"""Takes the best of many scores."""

import math

import tensorflow as tf

from trainer.scoring.ranks import EXCLUDED
from trainer.scoring.ranks import put_non_finite_last

_GROUP = 8  # scores of which one stands for all in the first round
_FEW = 4096  # scores, up to which one round is faster


def take_best(
    scores: tf.Tensor, count: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Takes the largest scores, in no order.

    In two rounds: each of the best scores is the largest of its group or shares
    the group with a larger one, so it is in one of the best groups. `top_k`
    looks at scores one by one; the maxima of groups are computed many at once.

    Args:
        scores: float32 `[B, X]`, X known when the graph is built.
        count: how many to take; all if there are fewer.

    Returns:
        Scores float32 `[B, K]`, and where they stand, int32 `[B, K]`.
    """
    num_scores = scores.shape[1]
    group = math.gcd(num_scores, _GROUP)
    count = tf.minimum(count, num_scores)
    if num_scores <= _FEW or group == 1:
        return tf.math.top_k(scores, count, sorted=False)
    step = num_scores // group
    # Members of a group are far apart: maxima read contiguous memory.
    grouped = tf.reshape(scores, [-1, group, step])
    maxima = tf.reduce_max(grouped, axis=1)
    _, at = tf.math.top_k(maxima, tf.minimum(count, step), sorted=False)
    members = step * tf.range(group)[:, tf.newaxis]
    places = tf.reshape(
        at[:, tf.newaxis] + members, [tf.shape(at)[0], group * tf.shape(at)[1]]
    )
    found = tf.gather(scores, places, batch_dims=1)
    found, order = tf.math.top_k(found, count, sorted=False)
    return found, tf.gather(places, order, batch_dims=1)


def take_top(
    scores: tf.Tensor, k: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Takes the best K = max(k) items of each row.

    Args:
        scores: float32 `[B, N]`, after filtering; what is not finite is
            not shown.
        k: int32 `[B]`, how many each row asks for.

    Returns:
        scores float32 `[B, K]`, rows int32 `[B, K]`, and bool `[B, K]`:
        false beyond a row's own k, or where nothing allowed is left.
    """
    # A batch of zero requests has no largest k.
    largest = tf.reduce_max(tf.concat([k, [0]], axis=0))
    width = tf.minimum(largest, tf.shape(scores)[1])
    top, rows = tf.math.top_k(put_non_finite_last(scores), width)
    place = tf.range(width)[tf.newaxis]
    shown = (place < k[:, tf.newaxis]) & (top > EXCLUDED / 2)
    return top, rows, shown
