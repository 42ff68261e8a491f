"""The effect of each event on a score, by scoring again without it."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

_NUM_OTHERS = 3  # requests beside those without one event


class LeaveOneOutScores(NamedTuple):
    """Scores of candidates, with and without parts of a request.

    Attributes:
        score: float32 `[B, C]`, of the whole request.
        without_history: float32 `[B, C]`, of the request with no event.
        without_need: float32 `[B, C]`, of the request with no need.
        drops: float32 `[B, C, L]`, how much lower the score is without each
            event; negative if it is higher, 0 where there is no event.
    """

    score: tf.Tensor
    without_history: tf.Tensor
    without_need: tf.Tensor
    drops: tf.Tensor


def leave_one_out(
    request: Mapping[str, tf.Tensor],
    score_fn: Callable[[Mapping[str, tf.Tensor]], tf.Tensor],
) -> LeaveOneOutScores:
    """Scores the same candidates L + 3 times, in one batch.

    The request without an event is as if the event had not happened: later gaps
    are longer, and the query does not contain it. So all parts of the score are
    included.

    Args:
        request: `signatures.RANK_INPUTS`; windows are `[B, L]`.
        score_fn: scores a batch of such requests, float32 `[., C]`.

    Returns:
        The scores, with and without parts.
    """
    item_id = request["item_id"]
    batch, length = tf.shape(item_id)[0], tf.shape(item_id)[1]
    num_requests = length + _NUM_OTHERS
    repeated = {
        name: tf.repeat(value, num_requests, axis=0)
        for name, value in request.items()
    }
    # Row by row: all, no history, no need, then all but one event.
    kept = tf.concat(
        [
            tf.ones([1, length], tf.bool),
            tf.zeros([1, length], tf.bool),
            tf.ones([1, length], tf.bool),
            ~tf.eye(length, dtype=tf.bool),
        ],
        axis=0,
    )
    has_need = tf.range(num_requests) != 2
    repeated["item_id"] = tf.where(
        tf.tile(kept, [batch, 1]), repeated["item_id"], ""
    )
    repeated["need"] = tf.where(
        tf.tile(has_need, [batch]), repeated["need"], ""
    )
    scores = score_fn(repeated)
    scores = tf.reshape(scores, [batch, num_requests, tf.shape(scores)[1]])
    whole = scores[:, 0]
    drops = whole[:, tf.newaxis] - scores[:, _NUM_OTHERS:]
    # A batch is not summed in the same order at every row: without this,
    # padding could be the one event that "raised" a score, by 1e-8.
    drops = tf.where(item_id[..., tf.newaxis] != "", drops, 0.0)
    return LeaveOneOutScores(
        score=whole,
        without_history=scores[:, 1],
        without_need=scores[:, 2],
        drops=tf.transpose(drops, [0, 2, 1]),
    )
