"""Cuts ordered histories into window examples, whole arrays at a time."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen import histories
from components.behavior_example_gen.summaries import Popularity
from schemas import events as names

_EVENTS_PER_CHUNK = 1 << 18  # bounds the memory of one encoded batch
_BUCKET_EDGES = (1, 5, 20)  # of HISTORY_BUCKETS


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


def plan_train(
    bounds: np.ndarray, split: np.ndarray, max_window: int
) -> WindowPlan:
    """Covers each train event once as a target.

    The first example of a user takes max_window events and a label, all
    targets. Each further one moves on by half a window; what it repeats is
    context, so that no target is without half a window of history.

    Args:
        bounds: first row of each user, and the end of all; int64 `[U + 1]`.
        split: int8 `[events]`, ascending within each user.
        max_window: L.
    """
    is_train = np.append(0, np.cumsum(split == histories.TRAIN))
    num_train = is_train[bounds[1:]] - is_train[bounds[:-1]]
    first = bounds[:-1][num_train > 0]
    num_train = num_train[num_train > 0]
    stride = (max_window + 2) // 2
    beyond = np.maximum(num_train - 1 - max_window, 0)
    repeats = 1 + -(-beyond // stride)
    user = np.repeat(np.arange(len(first)), repeats)
    nth = np.arange(len(user)) - np.repeat(
        np.cumsum(repeats) - repeats, repeats
    )
    last = first[user] + num_train[user] - 1
    label = np.minimum(first[user] + max_window + nth * stride, last)
    begin = np.maximum(label - max_window, first[user])
    next_target = first[user] + max_window + (nth - 1) * stride + 1
    num_context = np.where(nth == 0, 0, next_target - begin)
    return WindowPlan(first[user], begin, begin, label, num_context)


def plan_queries(
    bounds: np.ndarray,
    rows: np.ndarray,
    max_window: int,
    max_older: int,
) -> WindowPlan:
    """Makes one example of each given event, all its window context."""
    first = bounds[np.searchsorted(bounds, rows, side="right") - 1]
    begin = np.maximum(rows - max_window, first)
    older = np.maximum(begin - max_older, first)
    return WindowPlan(first, older, begin, rows, rows - begin)


def build_batches(
    table: pa.Table,
    plan: WindowPlan,
    popularity: Popularity,
    users: pa.Table | None,
) -> Iterator[pa.RecordBatch]:
    """Builds the features of planned examples (schemas/events.py).

    Args:
        table: sorted partition, one chunk per column.
        plan: the examples.
        popularity: of the train split.
        users: user_id, unique, and one column per attribute; or None.

    Yields:
        Batches whose columns are lists, as tfx_bsl encodes them.
    """
    sizes = np.cumsum(plan.label - plan.older + 1)
    num_chunks = int(sizes[-1] // _EVENTS_PER_CHUNK) + 1 if len(sizes) else 0
    edges = np.arange(1, num_chunks) * _EVENTS_PER_CHUNK
    ends = [*np.searchsorted(sizes, edges), len(sizes)]
    columns = _event_columns(table)
    begin = 0
    for end in ends[: num_chunks or 0]:
        if end > begin:
            chunk = plan.take(np.arange(begin, end))
            yield _build_batch(columns, chunk, popularity, users)
        begin = end


def _event_columns(table: pa.Table) -> dict[str, pa.Array]:
    columns = {
        name: table[name].combine_chunks()
        for name in table.schema.names
        if name not in (histories.SPLIT, histories.USER_CODE)
    }
    kinds = pa.array(names.EVENT_TYPES, pa.binary())
    columns[names.EVENT_TYPE] = kinds.take(columns[names.EVENT_TYPE])
    for name, column in columns.items():
        if column.type == pa.string():
            columns[name] = column.cast(pa.binary())
    return columns


def _build_batch(
    columns: dict[str, pa.Array],
    plan: WindowPlan,
    popularity: Popularity,
    users: pa.Table | None,
) -> pa.RecordBatch:
    rows, offsets = _ranges(plan.begin, plan.label)
    window = {name: column.take(rows) for name, column in columns.items()}
    window[names.VALUE] = window[names.VALUE].fill_null(np.nan)
    window[names.POSITIVE] = window[names.POSITIVE].cast(pa.int64())
    user = window.pop(names.USER_ID)
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
    scalars = {names.USER_ID: user} | _labels(columns, label, popularity)
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
    columns: dict[str, pa.Array], label: pa.Array, popularity: Popularity
) -> dict[str, pa.Array]:
    taken = {name: column.take(label) for name, column in columns.items()}
    value = taken[names.VALUE]
    labels = {
        names.LABEL_ITEM_ID: taken[names.ITEM_ID],
        names.LABEL_EVENT_TYPE: taken[names.EVENT_TYPE],
        names.LABEL_TIMESTAMP: taken[names.TIMESTAMP],
        names.LABEL_VALUE: value.fill_null(0.0),
        names.LABEL_VALUE_WEIGHT: value.is_valid().cast(pa.float32()),
        names.LABEL_POSITIVE: taken[names.POSITIVE].cast(pa.float32()),
        names.LABEL_SCENARIO: taken[names.SCENARIO],
        names.ITEM_BUCKET: popularity.buckets(
            taken[names.ITEM_ID].cast(pa.string())
        ).cast(pa.binary()),
    }
    if names.TEXT in taken:
        labels[names.LABEL_TEXT] = taken[names.TEXT]
    return labels


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
            values = attributes[name].cast(pa.string()).to_pylist()
            for row, value in zip(rows, values, strict=True):
                if value is not None:
                    row.append(f"{short}={value}".encode())
    return pa.array(rows, pa.large_list(pa.binary()))


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
