"""Which events of a window say that somebody liked an item, or did not."""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf
import tensorflow_transform as tft

from schemas import events
from schemas.rating_scale import RatingScale
from trainer import preprocessing
from trainer.inputs.request_features import probe_value_scale

_REACH = 0.55  # of the way from the lowest rating to a person's own mean
_PRIOR_RATINGS = 5.0  # likes that are added to the ratings behind that mean
_PER_EVENT = (
    "rows",
    "event_type",
    "gap",
    "scenario",
    "value",
    "has_value",
    "positive",
    "timestamp",
    "disliked",
    "liked",
)
_TOLERANCE = 1e-4  # of scaled values: a like is none by rounding


class DislikeRule(NamedTuple):
    """What events likes and dislikes are read from.

    A rating that reaches `positive` is a like, and so is every event that is
    neither a rating nor a refusal. A rating is a dislike if it is no like, and
    below 55% of the way from the lowest rating to what the person usually
    gives. Five likes are added to the person's ratings, so that the first one
    is not compared with itself. A refusal, such as a skip, always is one.

    Attributes:
        rating_types: numbers of the event types whose value is a rating.
        refusal_types: numbers of those that refuse an item.
        lowest: the lowest rating, as Transform scales values.
        positive: the lowest rating that is a like, likewise.
        is_heeded: whether dislikes matter to the scores; else none is found.
    """

    rating_types: tuple[int, ...]
    refusal_types: tuple[int, ...]
    lowest: float = 0.0
    positive: float = 0.0
    is_heeded: bool = True


def build_dislike_rule(
    transform: tft.TFTransformOutput,
    scale: RatingScale | None,
    objective: str,
) -> DislikeRule | None:
    """Finds what likes and dislikes are in a dataset.

    Args:
        transform: knows the event types, and how values are scaled.
        scale: of the ratings; None = the dataset has none.
        objective: of `TrainerConfig`; dislikes are heeded where slates are to
            be liked.

    Returns:
        None = the dataset has neither ratings nor refusals.
    """
    is_heeded = objective == "like"
    names = [
        name.decode()
        for name in transform.vocabulary_by_name(
            preprocessing.EVENT_TYPE_VOCABULARY
        )
    ]

    def find(wanted):
        return tuple(n for n, name in enumerate(names) if name in wanted)

    ratings = find(events.RATING_TYPES) if scale else ()
    refusals = find(events.REFUSAL_TYPES)
    if not ratings:
        rule = DislikeRule((), refusals, is_heeded=is_heeded)
        return rule if refusals else None
    values = probe_value_scale(
        transform.transform_features_layer(), transform.raw_feature_spec()
    )
    return DislikeRule(
        ratings,
        refusals,
        lowest=(scale.lowest - values.offset) / values.scale,
        positive=(scale.positive_value - values.offset) / values.scale,
        is_heeded=is_heeded,
    )


def find_dislikes(
    batch: Mapping[str, tf.Tensor], rule: DislikeRule | None
) -> tf.Tensor:
    """Marks the events that are dislikes.

    Args:
        batch: `event_type` int32, `value` and `has_value` float32, `mask`
            bool, all `[B, S]`. The last event of a row is judged by what the
            others tell of the person, not by itself.
        rule: None = there are none.

    Returns:
        bool `[B, S]`.
    """
    mask = batch["mask"]
    if rule is None or not rule.is_heeded:
        return tf.zeros_like(mask)
    is_rating = _find_ratings(batch, rule)
    length = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1, keepdims=True)
    is_before = tf.range(tf.shape(mask)[1])[tf.newaxis] < length - 1
    counted = tf.cast(is_rating & is_before, tf.float32)
    total = tf.reduce_sum(counted * batch["value"], axis=1, keepdims=True)
    total += _PRIOR_RATINGS * rule.positive
    number = tf.reduce_sum(counted, axis=1, keepdims=True) + _PRIOR_RATINGS
    threshold = rule.lowest + _REACH * (total / number - rule.lowest)
    threshold = tf.minimum(threshold, rule.positive - _TOLERANCE)
    is_refused = mask & _is_one_of(batch["event_type"], rule.refusal_types)
    return (is_rating & (batch["value"] < threshold)) | is_refused


def find_liked(
    batch: Mapping[str, tf.Tensor], rule: DislikeRule | None
) -> tf.Tensor:
    """Marks the events that are likes, also where dislikes are not heeded.

    Args:
        batch: as of `find_dislikes`.
        rule: None = all are.

    Returns:
        bool `[B, S]`.
    """
    mask = batch["mask"]
    if rule is None:
        return mask
    is_high = batch["value"] >= rule.positive - _TOLERANCE
    is_refused = _is_one_of(batch["event_type"], rule.refusal_types)
    return mask & ~is_refused & (is_high | ~_find_ratings(batch, rule))


def forget_dislikes(
    batch: Mapping[str, tf.Tensor], num_items: int
) -> dict[str, tf.Tensor]:
    """Takes the dislikes out of the windows.

    The gaps of the other events stay as they were. What was disliked stays
    met: it moves to `older_rows`.

    Args:
        batch: as of `windows.to_batch`. The last event of a row is a query's
            label or the request itself: it stays, whatever it says.
        num_items: N.

    Returns:
        The same fields, of the same width; `places` int32 `[B, S]`, where
        each event was before; `disliked_rows` int32 `[B, S]`, at the old
        places, N = none: without items that something later speaks for.
    """
    mask, disliked = tf.cast(batch["mask"], tf.bool), batch["disliked"]
    place = tf.broadcast_to(tf.range(tf.shape(mask)[1]), tf.shape(mask))
    length = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1, keepdims=True)
    disliked &= place < length - 1
    kept = mask & ~disliked
    order = tf.argsort(tf.cast(~kept, tf.int32), axis=1, stable=True)
    mask = tf.gather(kept, order, batch_dims=1)

    def move(name):
        value = tf.gather(batch[name], order, batch_dims=1)
        padding = num_items if name == "rows" else 0
        return tf.where(mask, value, tf.cast(padding, value.dtype))

    rows = batch["rows"]
    is_later = place[:, tf.newaxis] > place[..., tf.newaxis]
    is_same = rows[:, tf.newaxis] == rows[..., tf.newaxis]
    speaks = (kept & (place < length - 1))[:, tf.newaxis]
    is_taken_back = tf.reduce_any(is_same & is_later & speaks, axis=2)
    is_target = tf.gather(batch["is_target"], order, batch_dims=1)
    return {
        **batch,
        **{name: move(name) for name in _PER_EVENT},
        "mask": mask,
        "is_target": is_target & mask,
        "older_rows": tf.concat(
            [batch["older_rows"], tf.where(disliked, rows, num_items)], axis=1
        ),
        "places": order,
        "disliked_rows": tf.where(disliked & ~is_taken_back, rows, num_items),
    }


def _find_ratings(batch, rule):
    """Which events rate an item; bool `[B, S]`."""
    is_rating = _is_one_of(batch["event_type"], rule.rating_types)
    return is_rating & batch["mask"] & (batch["has_value"] > 0.0)


def _is_one_of(event_type, wanted):
    """Whether event types are among some; bool, same shape."""
    found = tf.zeros_like(event_type, tf.bool)
    for one in wanted:
        found |= event_type == one
    return found
