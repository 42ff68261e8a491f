"""The Transform stage: one graph for training, evaluation and serving."""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from schemas import events

ITEM_VOCABULARY = "item_id"
EVENT_TYPE_VOCABULARY = "event_type"
SCENARIO_VOCABULARY = "scenario"
PROFILE_VOCABULARY = "profile"

NUM_GAP_BUCKETS = 16  # quantiles; bucket 0 is kept for "not known"
HAS_VALUE = "has_value"  # float32 per event, 1 where there is a value
GAP = "gap"  # int64 per event, bucket of the time since the event before


def preprocessing_fn(
    inputs: Mapping[str, tf.RaggedTensor | tf.Tensor],
) -> dict[str, tf.RaggedTensor | tf.Tensor]:
    """Turns a window and its label into one sequence of S = L + 1 events.

    The label is the last event. A request has no label yet: its time and
    scenario take that place, and its item stays empty.

    Args:
        inputs: features of `schemas.events`, per-event ones ragged
            `[B, (L)]`, the others dense `[B, 1]`.

    Returns:
        Ragged `[B, (S)]`: item_id (string), event_type and scenario (int64
        vocabulary rows), gap (int64 bucket), value (float32, standardised; 0
        where there is none), has_value (float32), timestamp (int64),
        positive (int64), text (string; no values where the dataset maps
        none). Ragged `[B, (X)]`: older_item_id. Ragged `[B, (P)]`: profile
        (int64 vocabulary row). Dense `[B, 1]`: num_context,
        user_id (string).
    """
    item_id = _append(inputs[events.ITEM_ID], inputs[events.LABEL_ITEM_ID])
    timestamp = _append(
        inputs[events.TIMESTAMP], inputs[events.LABEL_TIMESTAMP]
    )
    tft.vocabulary(
        _targets(item_id, inputs[events.NUM_CONTEXT]),
        vocab_filename=ITEM_VOCABULARY,
        store_frequency=True,
        file_format="tfrecord_gzip",
    )
    value, has_value = _standardise(_values(inputs))
    has_times = _find_times(timestamp)
    positive = _append(
        inputs[events.POSITIVE],
        tf.cast(inputs[events.LABEL_POSITIVE], tf.int64),
    )
    return {
        events.ITEM_ID: item_id,
        events.EVENT_TYPE: _index(
            _append(inputs[events.EVENT_TYPE], inputs[events.LABEL_EVENT_TYPE]),
            EVENT_TYPE_VOCABULARY,
        ),
        events.SCENARIO: _index(
            _append(inputs[events.SCENARIO], inputs[events.LABEL_SCENARIO]),
            SCENARIO_VOCABULARY,
        ),
        GAP: _keep(has_times, _bucket_gaps(timestamp)),
        events.VALUE: value,
        HAS_VALUE: has_value,
        events.TIMESTAMP: _keep(has_times, timestamp),
        events.POSITIVE: positive,
        events.TEXT: tf.concat(
            [inputs[events.TEXT], inputs[events.LABEL_TEXT]], axis=1
        ),
        events.OLDER_ITEM_ID: inputs[events.OLDER_ITEM_ID],
        events.PROFILE: _index(inputs[events.PROFILE], PROFILE_VOCABULARY),
        events.NUM_CONTEXT: inputs[events.NUM_CONTEXT],
        events.USER_ID: inputs[events.USER_ID],
    }


def _append(window, label):
    """Puts the label `[B, 1]` behind the window `[B, (L)]`."""
    return tf.concat([window, tf.RaggedTensor.from_tensor(label)], axis=1)


def _targets(item_id, num_context):
    """Keeps the events that are targets of this example; string `[P]`."""
    position = tf.ragged.range(item_id.row_lengths())
    context = tf.gather(num_context[:, 0], item_id.value_rowids())
    return tf.boolean_mask(item_id.flat_values, position.flat_values >= context)


def _values(inputs):
    """Values with the label's; NaN where an event has none."""
    label = tf.where(
        inputs[events.LABEL_VALUE_WEIGHT] > 0.0,
        inputs[events.LABEL_VALUE],
        float("nan"),
    )
    return _append(inputs[events.VALUE], label)


def _standardise(value):
    """Scales to mean 0, variance 1; returns values and where they exist."""
    flat = value.flat_values
    known = tf.logical_not(tf.math.is_nan(flat))
    has_value = tf.cast(known, tf.float32)
    clean = tf.where(known, flat, 0.0)
    count = tf.maximum(tft.sum(has_value), 1.0)
    mean = tft.sum(clean) / count
    variance = tft.sum(has_value * (clean - mean) ** 2) / count
    # A constant value carries nothing: it becomes 0, not a division by 0.
    deviation = tf.sqrt(tf.where(variance > 0.0, variance, 1.0))
    scaled = tf.where(known, (clean - mean) / deviation, 0.0)
    return value.with_flat_values(scaled), value.with_flat_values(has_value)


def _index(names, vocabulary):
    """Numbers names by frequency; the last row is for unknown ones."""
    return names.with_flat_values(
        tft.compute_and_apply_vocabulary(
            names.flat_values, num_oov_buckets=1, vocab_filename=vocabulary
        )
    )


def _find_times(timestamp):
    """Tells whether the data has times: then one at least is not 0; bool.

    Where it has none, a request may tell times that no weight was learnt for.
    """
    return tft.max(tf.abs(timestamp.flat_values)) > 0


def _keep(has_times, ragged):
    """Makes all values 0 where the data has no times."""
    values = ragged.flat_values
    return ragged.with_flat_values(
        tf.where(has_times, values, tf.zeros_like(values))
    )


def _bucket_gaps(timestamp):
    """Buckets the time since the event before; 0 where it is not known."""
    before = tf.concat([timestamp[:, :1], timestamp[:, :-1]], axis=1)
    seconds = timestamp.flat_values - before.flat_values
    log = tf.math.log1p(tf.cast(tf.maximum(seconds, 0), tf.float32))
    bucket = 1 + tft.bucketize(log, NUM_GAP_BUCKETS)
    first = tf.ragged.range(timestamp.row_lengths()).flat_values == 0
    # A request may not tell its time: then it is 0 and precedes its events.
    known = tf.logical_not(first) & (timestamp.flat_values > 0)
    return timestamp.with_flat_values(tf.where(known, bucket, 0))
