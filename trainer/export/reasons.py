"""Divides the reasons for an item among kinds, and among events."""

import math
from collections.abc import Mapping

import tensorflow as tf

from schemas.signatures import KIND_SHARES
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


def share_among_kinds(
    places: tf.Tensor,
    num_items: int,
    is_reason: tf.Tensor,
    lift: tf.Tensor | float = 0.0,
) -> dict[str, tf.Tensor]:
    """Divides the way of an item from the middle to its place among kinds.

    A kind of reasons moved an item as far as it falls back without it: that is
    leaving one out, in logarithms of places, so that from the 20th place to the
    10th is as far as from the 200th to the 100th. History and need are left out
    of the whole request and of the request without the other one, and the mean
    counts (the Shapley value): what both of them ask for is due to both. What
    brings the item forward without them is its popularity.

    Args:
        places: float32 `[B, 4, K]`, as of `Places`.
        num_items: N, the size of the catalogue.
        is_reason: bool `[B, 2, K]`, whether history and need can be one.
        lift: float32 `[B, K]`, what moved the item besides, in logarithms; it
            counts as popularity.

    Returns:
        `history_share`, `need_share` and `popularity_share`, float32 `[B, K]`
        each. They sum to one, or are 0 where nothing moved the item forward.
    """
    logs = tf.math.log(places)
    whole, no_history, no_need, neither = tf.unstack(logs, axis=1)
    moved = tf.stack(
        [
            (no_history - whole + neither - no_need) / 2.0,
            (no_need - whole + neither - no_history) / 2.0,
        ],
        axis=1,
    )
    moved = tf.where(is_reason, moved, 0.0)
    middle = math.log((num_items + 1) / 2.0)
    rest = tf.expand_dims(middle - neither + lift, axis=1)
    shares = to_shares(tf.concat([moved, rest], axis=1), axis=1)
    return dict(zip(KIND_SHARES, tf.unstack(shares, axis=1), strict=True))


def to_shares(drops: tf.Tensor, axis: int = -1) -> tf.Tensor:
    """Turns drops of a score into shares of the total increase.

    Args:
        drops: float32, what a score loses without each event or kind.
        axis: of the events or kinds.

    Returns:
        float32, of the same shape, summing to one; what lowered the score has
        no share. All zeros where nothing raised it.
    """
    raised = tf.nn.relu(drops)
    return tf.math.divide_no_nan(
        raised, tf.reduce_sum(raised, axis=axis, keepdims=True)
    )


def choose_reasons(
    drops: tf.Tensor, history_share: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the events of the window with the largest shares.

    Args:
        drops: float32 `[B, K, L]`, as of `attribute`.
        history_share: float32 `[B, K]`, which is divided among the events.

    Returns:
        positions int32 `[B, K, 3]`, largest share first, -1 = none, and
        their shares, float32 `[B, K, 3]`.
    """
    width = POSITIONS_PER_ITEM
    shares = history_share[..., tf.newaxis] * to_shares(drops)
    padded = tf.pad(shares, [[0, 0], [0, 0], [0, width]])
    weights, positions = tf.math.top_k(padded, width)
    found = weights > 0.0
    return tf.where(found, positions, -1), tf.where(found, weights, 0.0)


def find_kinds(
    request: Mapping[str, tf.Tensor], raised: tf.Tensor
) -> tf.Tensor:
    """Finds whether history and need can be reasons.

    Args:
        request: `signatures.QUERY_INPUTS`.
        raised: float32 `[B, K, L]`, above 0 where an event raised a score.

    Returns:
        bool `[B, 2, K]`.
    """
    has_history = tf.reduce_any(raised > 0.0, axis=2)
    has_need = tf.broadcast_to(
        (request["need"] != "")[:, tf.newaxis], tf.shape(has_history)
    )
    return tf.stack([has_history, has_need], axis=1)
