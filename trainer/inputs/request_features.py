"""Converts a request to the features of training examples."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from schemas import events
from schemas.signatures import MAX_EVENTS


def to_raw_features(
    request: Mapping[str, tf.Tensor],
    raw_spec: Mapping[str, object],
    keep_unnamed: bool = False,
) -> dict[str, tf.Tensor | tf.RaggedTensor]:
    """Converts a request to the features that Transform reads.

    Events whose item id is "" are padding, and of the others the newest
    `MAX_EVENTS` are read. The request itself takes the
    place of the label: its time and scenario are known, its item is not.

    Args:
        request: `signatures.QUERY_INPUTS`.
        raw_spec: of the examples; features it does not name are left out.
        keep_unnamed: whether events without item id stay.

    Returns:
        The inputs of the transform graph.
    """
    item_id = request["item_id"]
    present = tf.ones_like(item_id, tf.bool) if keep_unnamed else item_id != ""

    def ragged(values):
        return tf.ragged.boolean_mask(values, present)[:, -MAX_EVENTS:]

    def column(values):
        return values[:, tf.newaxis]

    batch = tf.shape(item_id)[0]
    nothing = tf.zeros([batch, 1])
    no_texts = tf.RaggedTensor.from_tensor(tf.zeros([batch, 0], tf.string))
    raw = {
        events.ITEM_ID: ragged(item_id),
        events.EVENT_TYPE: ragged(request["event_type"]),
        events.TIMESTAMP: ragged(request["timestamp"]),
        events.VALUE: ragged(request["value"]),
        events.POSITIVE: ragged(tf.zeros_like(request["timestamp"])),
        events.SCENARIO: ragged(tf.zeros_like(item_id)),
        events.LABEL_ITEM_ID: tf.fill([batch, 1], ""),
        events.LABEL_EVENT_TYPE: tf.fill([batch, 1], ""),
        events.LABEL_TIMESTAMP: column(request["query_time"]),
        events.LABEL_VALUE: nothing,
        events.LABEL_VALUE_WEIGHT: nothing,
        events.LABEL_POSITIVE: nothing,
        events.LABEL_SCENARIO: column(request["scenario"]),
        events.NUM_CONTEXT: tf.zeros([batch, 1], tf.int64),
        events.USER_ID: tf.fill([batch, 1], ""),
        # Transform keeps the users' texts only for the adaptation.
        events.TEXT: no_texts,
        events.LABEL_TEXT: no_texts,
        events.OLDER_ITEM_ID: no_texts,
        events.PROFILE: tf.ragged.boolean_mask(
            request["profile"], request["profile"] != ""
        ),
    }
    return {name: raw[name] for name in raw if name in raw_spec}


class ValueScale(NamedTuple):
    """What turns a scaled value back: value x `scale` + `offset`."""

    offset: float
    scale: float


def probe_value_scale(
    transform: Callable[[Mapping[str, object]], Mapping[str, object]],
    raw_spec: Mapping[str, object],
) -> ValueScale:
    """Reads mean and deviation of the values from the transform graph.

    Args:
        transform: the graph as a layer.
        raw_spec: of the examples.
    """
    request = {
        "item_id": tf.constant([["", ""]]),
        "event_type": tf.constant([["", ""]]),
        "timestamp": tf.constant([[1, 1]], tf.int64),
        "value": tf.constant([[0.0, 1.0]]),
        "scenario": tf.constant([""]),
        "query_time": tf.constant([0], tf.int64),
        "profile": tf.constant([[""]]),
    }
    raw = to_raw_features(request, raw_spec, keep_unnamed=True)
    value = transform(raw)[events.VALUE].flat_values
    scale = 1.0 / float(value[1] - value[0])
    return ValueScale(-float(value[0]) * scale, scale)


def find_in_request(
    window: tf.Tensor, request: Mapping[str, tf.Tensor]
) -> tf.Tensor:
    """Brings what is known of a window's events to their places in a request.

    Args:
        window: bool `[B, S]`, of the events that were read, oldest first.
        request: `signatures.QUERY_INPUTS`, windows of L.

    Returns:
        bool `[B, L]`; false where there is no event, or one that was not read.
    """
    is_event = request["item_id"] != ""
    place = tf.cumsum(tf.cast(is_event, tf.int32), axis=1) - 1
    place -= count_unread_events(request)[:, tf.newaxis]
    found = tf.gather(window, tf.maximum(place, 0), batch_dims=1)
    return found & is_event & (place >= 0)


def count_unread_events(request: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """Counts the events before the newest `MAX_EVENTS`; int32 `[B]`."""
    is_event = tf.cast(request["item_id"] != "", tf.int32)
    return tf.maximum(tf.reduce_sum(is_event, axis=1) - MAX_EVENTS, 0)
