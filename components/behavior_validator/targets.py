"""Turns batches of window examples into columns of target events.

Windows overlap and repeat across splits, so an event stands in many
examples. It is to be predicted in one only: there it counts.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas import events

# window feature: (label feature, Arrow type)
_COLUMNS = {
    events.ITEM_ID: (events.LABEL_ITEM_ID, pa.large_binary()),
    events.EVENT_TYPE: (events.LABEL_EVENT_TYPE, pa.large_binary()),
    events.TIMESTAMP: (events.LABEL_TIMESTAMP, pa.int64()),
    events.TEXT: (events.LABEL_TEXT, pa.large_binary()),
}
SPLIT = "split"


def extract_targets(batch: pa.RecordBatch, split: str) -> pa.Table:
    """Collects the events that the examples of a batch are to predict.

    Args:
        batch: examples as TFXIO decodes them, one list column a feature.
        split: name of their split.

    Returns:
        One row a target event: user_id, item_id, event_type, text (empty
        where there is none) as binary, timestamp int64, split as binary.
    """
    lengths = _get_lengths(batch, events.ITEM_ID)
    rows = np.repeat(np.arange(batch.num_rows), lengths)
    position = np.arange(len(rows)) - np.repeat(
        np.cumsum(lengths) - lengths, lengths
    )
    num_context = _get_values(
        batch, events.NUM_CONTEXT, pa.int64(), batch.num_rows
    )
    is_target = position >= num_context.to_numpy()[rows]
    columns = {}
    users = get_users(batch)
    columns[events.USER_ID] = pa.concat_arrays(
        [users.take(pa.array(rows[is_target])), users]
    )
    mask = pa.array(is_target)
    for name, (label_name, kind) in _COLUMNS.items():
        window = _get_values(batch, name, kind, len(rows))
        label = _get_values(batch, label_name, kind, batch.num_rows)
        columns[name] = pa.concat_arrays([window.filter(mask), label])
    num_targets = int(is_target.sum()) + batch.num_rows
    columns[SPLIT] = pa.array([split.encode()] * num_targets, pa.large_binary())
    return pa.table(columns)


def find_leaking_examples(batch: pa.RecordBatch) -> np.ndarray:
    """Finds examples in which an event comes before an earlier one.

    The label is the last event of the chain, so a window event that is later
    than the label shows up here too.

    Returns:
        int64, the rows of the batch, ascending.
    """
    lengths = _get_lengths(batch, events.TIMESTAMP)
    rows = np.repeat(np.arange(batch.num_rows), lengths)
    times = _get_values(
        batch, events.TIMESTAMP, pa.int64(), len(rows)
    ).to_numpy()
    labels = _get_values(
        batch, events.LABEL_TIMESTAMP, pa.int64(), batch.num_rows
    ).to_numpy()
    following = labels[rows]
    is_inner = np.flatnonzero(rows[1:] == rows[:-1])
    following[is_inner] = times[is_inner + 1]
    return np.unique(rows[times > following])


def get_users(batch: pa.RecordBatch) -> pa.Array:
    """Returns the user of each example, binary `[N]`."""
    return _get_values(batch, events.USER_ID, pa.large_binary(), batch.num_rows)


def _get_lengths(batch: pa.RecordBatch, name: str) -> np.ndarray:
    if name not in batch.schema.names:
        return np.zeros(batch.num_rows, np.int64)
    lengths = pc.list_value_length(batch.column(name))
    return pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False)


def _get_values(
    batch: pa.RecordBatch, name: str, kind: pa.DataType, num_values: int
) -> pa.Array:
    """Returns the flat values of a feature.

    A feature without any value in the batch is absent or of type null there:
    then `num_values` empty values stand for it.
    """
    if name in batch.schema.names:
        values = batch.column(name).flatten()
        if not pa.types.is_null(values.type):
            return values.cast(kind)
    empty = 0 if pa.types.is_integer(kind) else b""
    return pa.array([empty] * num_values, kind)
