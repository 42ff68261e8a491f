"""Reads window examples: the counterpart of `writer`."""

import functools
import os
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.coders import example_coder

from components.window_examples import columns
from components.window_examples.shards import read_records
from components.window_examples.window import Window
from components.window_examples.window import WindowEvent
from schemas import events


def decode_batch(records: Sequence[bytes]) -> pa.RecordBatch:
    """Decodes serialized examples to what `columns` reads."""
    return _build_decoder().DecodeBatch(list(records))


def decode_windows(records: Sequence[bytes]) -> list[Window]:
    """Decodes serialized examples, in their order."""
    if not records:
        return []
    batch = decode_batch(records)
    table = _as_texts(columns.read_events(batch))
    first = table[columns.WINDOW].to_numpy()
    bounds = np.searchsorted(first, np.arange(batch.num_rows + 1)).tolist()
    fields = [_list_values(table[name]) for name in WindowEvent._fields]
    found = list(map(WindowEvent, *fields))
    rows = _as_texts(columns.read_windows(batch)).to_pylist()
    return [
        _build_window(row, found[begin:end])
        for row, begin, end in zip(rows, bounds[:-1], bounds[1:], strict=True)
    ]


def read_windows(folder: str | os.PathLike[str]) -> Iterator[Window]:
    """Reads the windows of a split, in the order of its files.

    Args:
        folder: of the split; one that is not there holds nothing.
    """
    for records in read_records(folder):
        yield from decode_windows(records)


def read_windows_of(
    folder: str | os.PathLike[str], user_id: str
) -> Iterator[Window]:
    """Reads one user's windows, without decoding those of others."""
    wanted = pa.scalar(user_id.encode(), pa.large_binary())
    decoder = _build_decoder(events.USER_ID)
    for records in read_records(folder):
        batch = decoder.DecodeBatch(records)
        users = columns.read_windows(batch)[events.USER_ID]
        rows = np.flatnonzero(pc.equal(users, wanted).to_numpy())
        yield from decode_windows([records[row] for row in rows])


def read_feature(records: Sequence[bytes], feature: str) -> list[list]:
    """Reads one feature by its name, as the evaluation names slices.

    Returns:
        Per example its values: bytes, int or float.
    """
    if not records:
        return []
    return columns.list_values(decode_batch(records), feature)


@functools.cache
def _build_decoder(
    only: str | None = None,
) -> example_coder.ExamplesToRecordBatchDecoder:
    """Decodes all features, or one of texts."""
    if only is None:
        return example_coder.ExamplesToRecordBatchDecoder()
    schema = schema_pb2.Schema()
    schema.feature.add(name=only, type=schema_pb2.BYTES)
    return example_coder.ExamplesToRecordBatchDecoder(
        schema.SerializeToString()
    )


def _list_values(column: pa.ChunkedArray) -> list:
    """As `to_pylist`, which takes longer: it makes a scalar of each value."""
    values = column.to_numpy().tolist()
    if column.null_count:
        is_valid = column.is_valid().to_numpy().tolist()
        pairs = zip(values, is_valid, strict=True)
        return [value if valid else None for value, valid in pairs]
    return values


def _as_texts(table: pa.Table) -> pa.Table:
    """Turns binary columns, and lists of binary values, into texts."""
    text = pa.large_string()
    for place, column in enumerate(table.schema):
        if column.type == pa.large_binary():
            kind = text
        elif column.type == pa.large_list(pa.large_binary()):
            kind = pa.large_list(text)
        else:
            continue
        values = table[column.name].cast(kind)
        table = table.set_column(place, column.name, values)
    return table


def _build_window(row: dict, found: list[WindowEvent]) -> Window:
    profile = row.pop(events.PROFILE)
    return Window(
        user_id=row.pop(events.USER_ID),
        events=tuple(found[:-1]),
        label=found[-1],
        num_context=row.pop(events.NUM_CONTEXT),
        history_bucket=row.pop(events.HISTORY_BUCKET),
        item_bucket=row.pop(events.ITEM_BUCKET),
        older_item_ids=tuple(row.pop(events.OLDER_ITEM_ID)),
        profile=dict(text.split("=", maxsplit=1) for text in profile),
        # The remaining columns are the user's attributes.
        attributes={k: v for k, v in row.items() if v is not None},
    )
