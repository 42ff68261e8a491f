"""Writes the shards of a split."""

import os
import uuid
from collections.abc import Iterable

import tensorflow as tf

# Level 1 takes a third of the time of level 6 for a tenth more bytes.
_OPTIONS = tf.io.TFRecordOptions("GZIP", compression_level=1)


def shard_path(uri: str, split: str, shard: int, num_shards: int) -> str:
    """Returns the path of a shard, named as TFX names them."""
    name = f"data_tfrecord-{shard:05d}-of-{num_shards:05d}.gz"
    return os.path.join(uri, f"Split-{split}", name)


def write_records(path: str, batches: Iterable[list[bytes]]) -> None:
    """Writes serialized examples as a gzip TFRecord file.

    The file appears whole under its name, so that a bundle that is retried
    or run twice leaves one good shard.
    """
    tf.io.gfile.makedirs(os.path.dirname(path))
    unfinished = os.path.join(
        os.path.dirname(os.path.dirname(path)), f".tmp-{uuid.uuid4().hex}"
    )
    with tf.io.TFRecordWriter(unfinished, _OPTIONS) as writer:
        for batch in batches:
            for record in batch:
                writer.write(record)
    tf.io.gfile.rename(unfinished, path, overwrite=True)
