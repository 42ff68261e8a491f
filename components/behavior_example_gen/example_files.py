"""Writes the shards of a split."""

import uuid
from collections.abc import Iterable

import tensorflow as tf
from apache_beam.io.filesystems import FileSystems

# Level 1 takes a third of the time of level 6 for a tenth more bytes.
_OPTIONS = tf.io.TFRecordOptions("GZIP", compression_level=1)


def shard_name(shard: int, num_shards: int) -> str:
    """Returns the file name of a shard, as TFX names them."""
    return f"data_tfrecord-{shard:05d}-of-{num_shards:05d}.gz"


def write_records(
    uri: str, split: str, name: str, batches: Iterable[list[bytes]]
) -> None:
    """Writes serialized examples to <uri>/Split-<split>/<name>.

    The gzip TFRecord file gets its name only when it is complete, so that a
    bundle that is retried or run twice leaves one good shard.
    """
    folder = FileSystems.join(uri, f"Split-{split}")
    tf.io.gfile.makedirs(folder)
    unfinished = FileSystems.join(uri, f".tmp-{uuid.uuid4().hex}")
    with tf.io.TFRecordWriter(unfinished, _OPTIONS) as writer:
        for batch in batches:
            for record in batch:
                writer.write(record)
    path = FileSystems.join(folder, name)
    tf.io.gfile.rename(unfinished, path, overwrite=True)
