"""Window examples as Arrow columns.

tfx_bsl decodes examples into one list column a feature, without those that
no example of the batch has, and of type null where none has a value. Here every
feature is present, with its type in `schemas.events`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas import events

WINDOW = "window"  # int64, row of the batch
POSITION = "position"  # int64, from 0 = the oldest event of the window

_TEXT = pa.large_binary()
_EVENT_TYPES = {
    events.ITEM_ID: _TEXT,
    events.EVENT_TYPE: _TEXT,
    events.TIMESTAMP: pa.int64(),
    events.VALUE: pa.float32(),
    events.POSITIVE: pa.float32(),
    events.SCENARIO: _TEXT,
    events.TEXT: _TEXT,
    events.SESSION_ID: _TEXT,
}
_WINDOW_TYPES = {
    events.USER_ID: _TEXT,
    events.NUM_CONTEXT: pa.int64(),
    events.HISTORY_BUCKET: _TEXT,
    events.ITEM_BUCKET: _TEXT,
}
_LISTS = (events.OLDER_ITEM_ID, events.PROFILE)  # of texts
_ATTRIBUTE_PREFIXES = (
    events.USER_ATTRIBUTE_PREFIX,
    events.SENSITIVE_ATTRIBUTE_PREFIX,
)


def read_events(batch: pa.RecordBatch) -> pa.Table:
    """Lists the events of all windows, each window's label as its last.

    Args:
        batch: examples as tfx_bsl decodes them.

    Returns:
        One row an event, window by window, oldest first: `window`,
        `position`, and the event features of `schemas.events` by their
        names: texts as binary, "" where there is none; timestamp int64;
        value float32, null where there is none; positive bool.

    Raises:
        ValueError: a feature has not as many values as there are events.
    """
    lengths = _get_lengths(batch, events.ITEM_ID)
    num_inner = int(lengths.sum())
    window = np.repeat(np.arange(batch.num_rows), lengths + 1)
    begin = np.cumsum(lengths + 1) - (lengths + 1)
    position = np.arange(len(window)) - begin[window]
    # Events stand before all labels below, those of one window together.
    order = np.where(
        position == lengths[window],
        num_inner + window,
        np.arange(len(window)) - window,
    )
    columns = {WINDOW: pa.array(window), POSITION: pa.array(position)}
    for name, kind in _EVENT_TYPES.items():
        label_name = events.LABEL_FEATURES[name]
        inner = _get_values(batch, name, kind, num_inner)
        label = _get_values(batch, label_name, kind, batch.num_rows)
        if name == events.VALUE:
            inner = _drop(inner, pc.is_nan(inner))
            weight = _get_values(
                batch, events.LABEL_VALUE_WEIGHT, kind, batch.num_rows
            )
            label = _drop(label, pc.less_equal(weight, 0.0))
        elif name == events.POSITIVE:
            inner, label = pc.greater(inner, 0.0), pc.greater(label, 0.0)
        both = pa.concat_arrays([inner, label])
        columns[name] = both.take(pa.array(order))
    return pa.table(columns)


def read_targets(batch: pa.RecordBatch) -> pa.Table:
    """Lists the events that the examples are to predict.

    Windows overlap and repeat across splits, so an event is in many examples.
    It is a target in only one.

    Returns:
        Those rows of `read_events`, with the user_id of each.
    """
    windows, found = read_windows(batch), read_events(batch)
    window = found[WINDOW]
    num_context = windows[events.NUM_CONTEXT].take(window)
    is_target = pc.greater_equal(found[POSITION], num_context)
    user_id = windows[events.USER_ID].take(window)
    return found.append_column(events.USER_ID, user_id).filter(is_target)


def read_windows(batch: pa.RecordBatch) -> pa.Table:
    """Lists the features with one value per window.

    Args:
        batch: as of `read_events`.

    Returns:
        One row a window: user_id, history_bucket, item_bucket binary,
        num_context int64, older_item_id and profile list<binary>, and a
        column per user attribute that the batch has, null where missing.

    Raises:
        ValueError: a window has another number of values than one.
    """
    columns = {
        name: _get_values(batch, name, kind, batch.num_rows)
        for name, kind in _WINDOW_TYPES.items()
    }
    for name in _LISTS:
        lengths = _get_lengths(batch, name)
        values = _get_values(batch, name, _TEXT, int(lengths.sum()))
        columns[name] = pa.LargeListArray.from_arrays(
            pa.array(np.append(0, np.cumsum(lengths))), values
        )
    for name in batch.schema.names:
        if name.startswith(_ATTRIBUTE_PREFIXES):
            columns[name] = _get_optional(batch, name)
    return pa.table(columns)


def list_values(batch: pa.RecordBatch, feature: str) -> list[list]:
    """Lists the values of one feature; none where a window has none.

    Args:
        batch: as of `read_events`.
        feature: any name.

    Returns:
        Per window its values: bytes, int or float.
    """
    if feature not in batch.schema.names:
        return [[] for _ in range(batch.num_rows)]
    return [values or [] for values in batch.column(feature).to_pylist()]


def _get_lengths(batch: pa.RecordBatch, name: str) -> np.ndarray:
    if name not in batch.schema.names:
        return np.zeros(batch.num_rows, np.int64)
    lengths = pc.fill_null(pc.list_value_length(batch.column(name)), 0)
    return lengths.to_numpy(zero_copy_only=False).astype(np.int64)


def _get_values(
    batch: pa.RecordBatch, name: str, kind: pa.DataType, num_values: int
) -> pa.Array:
    """Returns the flat values of a feature; empty ones where it is absent."""
    if name in batch.schema.names:
        values = batch.column(name).flatten()
        if len(values) == num_values and not pa.types.is_null(values.type):
            return values.cast(kind)
        if len(values):
            raise ValueError(
                f"the feature `{name}` must have {num_values} values in a "
                f"batch of {batch.num_rows} windows. Received: {len(values)}."
            )
    if name == events.VALUE:
        return pa.array([np.nan] * num_values, kind)
    empty = b"" if kind == _TEXT else 0
    return pa.array([empty] * num_values, kind)


def _get_optional(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Returns one value a window, null where there is none."""
    rows = np.flatnonzero(_get_lengths(batch, name))
    place = np.full(batch.num_rows, -1)
    place[rows] = np.arange(len(rows))
    values = batch.column(name).flatten()
    return values.take(pa.array(place, mask=place < 0))


def _drop(values: pa.Array, mask: pa.Array) -> pa.Array:
    return pc.if_else(mask, pa.scalar(None, values.type), values)
