"""Writes window examples, by array operations; `reader` reads them."""

import dataclasses
import uuid
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf
from apache_beam.io.filesystems import FileSystems
from tfx_bsl.coders import example_coder

from components.window_examples.shards import split_folder
from schemas import events as names
from schemas.profile_text import write_number

_EVENTS_PER_CHUNK = 1 << 18  # bounds the memory of one encoded batch
_BUCKET_EDGES = (1, 5, 20)  # of HISTORY_BUCKETS
# Level 1 takes far less time than the default, for few more bytes.
_OPTIONS = tf.io.TFRecordOptions("GZIP", compression_level=1)


@dataclasses.dataclass(frozen=True)
class WindowPlan:
    """Rows of the sorted partition each example is made of; int64 `[N]`.

    The window is [begin, label), its first `num_context` events are no
    targets; [older, begin) was met before; `first` is the user's first row.
    """

    first: np.ndarray
    older: np.ndarray
    begin: np.ndarray
    label: np.ndarray
    num_context: np.ndarray

    def take(self, rows: np.ndarray) -> "WindowPlan":
        """Returns the plan of some of the examples."""
        fields = dataclasses.fields(self)
        return WindowPlan(
            **{one.name: getattr(self, one.name)[rows] for one in fields}
        )


def write_records(
    uri: str, split: str, name: str, batches: Iterable[list[bytes]]
) -> None:
    """Writes serialized examples to <uri>/Split-<split>/<name>.

    The gzip TFRecord file gets its name only when it is complete, so that a
    bundle that is retried or run twice leaves one good shard.
    """
    folder = split_folder(uri, split)
    tf.io.gfile.makedirs(folder)
    unfinished = FileSystems.join(uri, f".tmp-{uuid.uuid4().hex}")
    with tf.io.TFRecordWriter(unfinished, _OPTIONS) as writer:
        for batch in batches:
            for record in batch:
                writer.write(record)
    path = FileSystems.join(folder, name)
    tf.io.gfile.rename(unfinished, path, overwrite=True)


def encode_windows(
    table: pa.Table,
    plan: WindowPlan,
    find_buckets: Callable[[pa.Array], pa.Array],
    users: pa.Table | None,
) -> Iterator[list[bytes]]:
    """Builds planned examples (schemas/events.py) and serializes them.

    Args:
        table: events in the order of users and time: user_id, and those of
            `schemas.events.LABEL_FEATURES` that the dataset has, event_type
            as index into EVENT_TYPES, value null where there is none,
            positive bool, texts as strings. Other columns are left out.
        plan: the examples, by rows of the table.
        find_buckets: item ids to their entries of ITEM_BUCKETS.
        users: user_id, unique, and one column per attribute under the
            feature's name, null where missing; or None.

    Yields:
        Some serialized examples at a time.
    """
    encoder = example_coder.RecordBatchToExamplesEncoder()
    sizes = np.cumsum(plan.label - plan.older + 1)
    num_chunks = int(sizes[-1] // _EVENTS_PER_CHUNK) + 1 if len(sizes) else 0
    edges = np.arange(1, num_chunks) * _EVENTS_PER_CHUNK
    ends = [*np.searchsorted(sizes, edges), len(sizes)]
    columns = _event_columns(table)
    begin = 0
    for end in ends[: num_chunks or 0]:
        if end > begin:
            chunk = plan.take(np.arange(begin, end))
            batch = _build_batch(columns, chunk, find_buckets, users)
            yield encoder.encode(batch)
        begin = end


def _event_columns(table: pa.Table) -> dict[str, pa.Array]:
    wanted = (names.USER_ID, *names.LABEL_FEATURES)
    columns = {
        name: table[name].combine_chunks()
        for name in wanted
        if name in table.schema.names
    }
    kinds = pa.array(names.EVENT_TYPES, pa.binary())
    columns[names.EVENT_TYPE] = kinds.take(columns[names.EVENT_TYPE])
    for name, column in columns.items():
        if pa.types.is_string(column.type):
            columns[name] = column.cast(pa.binary())
    return columns


def _build_batch(
    columns: dict[str, pa.Array],
    plan: WindowPlan,
    find_buckets: Callable[[pa.Array], pa.Array],
    users: pa.Table | None,
) -> pa.RecordBatch:
    rows, offsets = _ranges(plan.begin, plan.label)
    window = {name: column.take(rows) for name, column in columns.items()}
    window[names.VALUE] = window[names.VALUE].fill_null(np.nan)
    window[names.POSITIVE] = window[names.POSITIVE].cast(pa.int64())
    del window[names.USER_ID]
    features = {
        name: pa.LargeListArray.from_arrays(offsets, column)
        for name, column in window.items()
    }
    rows, offsets = _ranges(plan.older, plan.begin)
    features[names.OLDER_ITEM_ID] = pa.LargeListArray.from_arrays(
        offsets, columns[names.ITEM_ID].take(rows)
    )
    label = pa.array(plan.label)
    user = columns[names.USER_ID].take(label)
    scalars = {names.USER_ID: user} | _labels(columns, label)
    item_id = scalars[names.LABEL_ITEM_ID].cast(pa.string())
    scalars[names.ITEM_BUCKET] = find_buckets(item_id).cast(pa.binary())
    scalars[names.NUM_CONTEXT] = pa.array(plan.num_context)
    num_earlier = plan.label - plan.first
    bucket = np.searchsorted(_BUCKET_EDGES, num_earlier, side="right")
    scalars[names.HISTORY_BUCKET] = pa.array(
        names.HISTORY_BUCKETS, pa.binary()
    ).take(pa.array(bucket))
    if users is not None:
        attributes = _attributes(users, user)
        features[names.PROFILE] = _profile(attributes, len(user))
        scalars |= attributes
    features |= {name: _scalar(one) for name, one in scalars.items()}
    return pa.record_batch(list(features.values()), list(features))


def _labels(
    columns: dict[str, pa.Array], label: pa.Array
) -> dict[str, pa.Array]:
    taken = {name: columns[name].take(label) for name in columns}
    labels = {
        label_name: taken[name]
        for name, label_name in names.LABEL_FEATURES.items()
        if name in taken
    }
    value = taken[names.VALUE]
    return labels | {
        names.LABEL_VALUE: value.fill_null(0.0),
        names.LABEL_VALUE_WEIGHT: value.is_valid().cast(pa.float32()),
        names.LABEL_POSITIVE: taken[names.POSITIVE].cast(pa.float32()),
    }


def _attributes(users: pa.Table, user: pa.Array) -> dict[str, pa.Array]:
    known = users[names.USER_ID].combine_chunks().cast(pa.binary())
    rows = pc.index_in(user, value_set=known)
    taken = {}
    for name in users.schema.names:
        if name == names.USER_ID:
            continue
        column = users[name].combine_chunks().take(rows)
        if column.type == pa.string():
            column = column.cast(pa.binary())
        taken[name] = column
    return taken


def _profile(attributes: dict[str, pa.Array], num_rows: int) -> pa.Array:
    """Lists the attributes of each row as "name=value", no sensitive ones."""
    rows = [[] for _ in range(num_rows)]
    for name in sorted(attributes):
        if name.startswith(names.USER_ATTRIBUTE_PREFIX):
            short = name.removeprefix(names.USER_ATTRIBUTE_PREFIX)
            texts = _write_texts(attributes[name])
            for row, text in zip(rows, texts, strict=True):
                if text is not None:
                    row.append(f"{short}={text}".encode())
    return pa.array(rows, pa.large_list(pa.binary()))


def _write_texts(column: pa.Array) -> list[str | None]:
    if not pa.types.is_floating(column.type):
        return column.cast(pa.string()).to_pylist()
    coded = column.dictionary_encode()  # each number is written once
    texts = [write_number(number) for number in coded.dictionary.to_pylist()]
    return [None if c is None else texts[c] for c in coded.indices.to_pylist()]


def _scalar(column: pa.Array) -> pa.Array:
    present = column.is_valid().to_numpy(zero_copy_only=False)
    offsets = np.append(0, np.cumsum(present))
    return pa.LargeListArray.from_arrays(offsets, column.drop_null())


def _ranges(begin: np.ndarray, end: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Returns the rows of all [begin, end), and where each range starts."""
    lengths = end - begin
    offsets = np.append(0, np.cumsum(lengths))
    rows = np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], lengths)
    return pa.array(rows), offsets
