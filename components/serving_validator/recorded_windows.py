"""Reads history windows back from Examples, as queries to replay."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from schemas import events
from serving.query import Query


@dataclass(frozen=True)
class RecordedWindow:
    """A query as a user once posed it, and what she had met before it."""

    query: Query
    older_item_ids: tuple[str, ...]


def read_windows(folder: Path, max_windows: int) -> list[RecordedWindow]:
    """Reads the first windows of a split.

    Args:
        folder: the split's directory of gzip TFRecord files of window
            examples (schemas/events.py).
        max_windows: how many at most.

    Returns:
        The windows in file order, so that every run asks the same.
    """
    windows = (parse_window(record) for record in _read_records(folder))
    return list(itertools.islice(windows, max_windows))


def _read_records(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.glob("*.gz")):
        dataset = tf.data.TFRecordDataset(str(file), compression_type="GZIP")
        yield from dataset.as_numpy_iterator()


def parse_window(record: bytes) -> RecordedWindow:
    """Reads one serialized window example (schemas/events.py)."""
    features = tf.train.Example.FromString(record).features.feature

    def read_texts(name: str) -> tuple[str, ...]:
        return tuple(v.decode() for v in features[name].bytes_list.value)

    values = features[events.VALUE].float_list.value
    query = Query(
        item_ids=read_texts(events.ITEM_ID),
        event_types=read_texts(events.EVENT_TYPE),
        timestamps=tuple(features[events.TIMESTAMP].int64_list.value),
        values=tuple(None if math.isnan(v) else v for v in values),
        scenario="".join(read_texts(events.LABEL_SCENARIO)[:1]),
        query_time=next(
            iter(features[events.LABEL_TIMESTAMP].int64_list.value), 0
        ),
    )
    return RecordedWindow(query, read_texts(events.OLDER_ITEM_ID))
