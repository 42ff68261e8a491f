"""Writes window examples as the ExampleGen does."""

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from schemas import events


def build_window(
    item_ids: Sequence[str],
    values: Sequence[float] | None = None,
    older: Sequence[str] = (),
    label_timestamp: int = 900,
) -> bytes:
    """A user's window of ratings, one a minute, serialized."""
    texts = {
        events.ITEM_ID: item_ids,
        events.EVENT_TYPE: ["rate"] * len(item_ids),
        events.LABEL_SCENARIO: ["movies"],
        events.OLDER_ITEM_ID: older,
    }
    times = [60 * n for n in range(len(item_ids))]
    numbers = {
        events.TIMESTAMP: times,
        events.LABEL_TIMESTAMP: [label_timestamp],
    }
    floats = values or [4.0] * len(item_ids)
    feature = {
        name: tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[t.encode() for t in value])
        )
        for name, value in texts.items()
    }
    for name, value in numbers.items():
        feature[name] = tf.train.Feature(
            int64_list=tf.train.Int64List(value=value)
        )
    feature[events.VALUE] = tf.train.Feature(
        float_list=tf.train.FloatList(value=floats)
    )
    example = tf.train.Example(features=tf.train.Features(feature=feature))
    return example.SerializeToString()


def write_split(folder: Path, records: Sequence[bytes]) -> Path:
    """Writes one gzip TFRecord file and returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "data_tfrecord-00000-of-00001.gz"
    with tf.io.TFRecordWriter(str(file), "GZIP") as writer:
        for record in records:
            writer.write(record)
    return folder
