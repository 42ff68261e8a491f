"""The effect of each part of a request, by scoring again without it."""

from collections.abc import Callable
from collections.abc import Mapping

import tensorflow as tf


def leave_kinds_out(request: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Builds four requests of each one.

    Args:
        request: `signatures.RANK_INPUTS` of B requests.

    Returns:
        The same of 4B requests, those of one request in turn: as it is,
        without any event, without the need, and without both.
    """
    length = tf.shape(request["item_id"])[1]
    has_history = tf.constant([True, False, True, False])
    return _repeat(
        request,
        tf.tile(has_history[:, tf.newaxis], [1, length]),
        tf.constant([True, True, False, False]),
    )


def compute_drops(
    request: Mapping[str, tf.Tensor],
    score: tf.Tensor,
    score_fn: Callable[[Mapping[str, tf.Tensor]], tf.Tensor],
) -> tf.Tensor:
    """Scores the same candidates again without each event, in one batch.

    The request without an event is as if the event had not happened: later gaps
    are longer, and the query does not contain it. So all parts of the score are
    included.

    Args:
        request: `signatures.RANK_INPUTS`; windows are `[B, L]`.
        score: float32 `[B, C]`, of the whole request.
        score_fn: scores a batch of such requests, float32 `[., C]`.

    Returns:
        float32 `[B, C, L]`, how much lower the score is without each event;
        negative if it is higher, 0 where there is no event.
    """
    item_id = request["item_id"]
    batch, length = tf.shape(item_id)[0], tf.shape(item_id)[1]
    asked = _repeat(
        request, ~tf.eye(length, dtype=tf.bool), tf.ones([length], tf.bool)
    )
    scores = score_fn(asked)
    scores = tf.reshape(scores, [batch, length, tf.shape(score)[1]])
    drops = score[:, tf.newaxis] - scores
    # A batch is not summed in the same order at every row: without this,
    # padding could be the one event that "raised" a score, by 1e-8.
    drops = tf.where(item_id[..., tf.newaxis] != "", drops, 0.0)
    return tf.transpose(drops, [0, 2, 1])


def _repeat(request, is_kept, has_need):
    """Repeats requests, row by row, with some of their parts.

    Args:
        request: of B requests.
        is_kept: bool `[R, L]`, the events of each repetition.
        has_need: bool `[R]`, whether it has the need.
    """
    batch = tf.shape(request["need"])[0]
    repeated = {
        name: tf.repeat(value, tf.shape(has_need)[0], axis=0)
        for name, value in request.items()
    }
    repeated["item_id"] = tf.where(
        tf.tile(is_kept, [batch, 1]), repeated["item_id"], ""
    )
    repeated["need"] = tf.where(
        tf.tile(has_need, [batch]), repeated["need"], ""
    )
    return repeated
