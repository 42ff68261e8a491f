"""The files of a split: gzip TFRecord shards of serialized examples."""

import os
import uuid
from collections.abc import Iterable
from collections.abc import Iterator

import tensorflow as tf
from apache_beam.io.filesystems import FileSystems

# Level 1 takes far less time than the default, for few more bytes.
_OPTIONS = tf.io.TFRecordOptions("GZIP", compression_level=1)
_READ_AT_ONCE = 1024  # records


def split_folder(uri: str | os.PathLike[str], split: str) -> str:
    """Returns the folder of one split below the `Examples` artifact."""
    return FileSystems.join(os.fspath(uri), f"Split-{split}")


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
    folder = split_folder(uri, split)
    tf.io.gfile.makedirs(folder)
    unfinished = FileSystems.join(uri, f".tmp-{uuid.uuid4().hex}")
    with tf.io.TFRecordWriter(unfinished, _OPTIONS) as writer:
        for batch in batches:
            for record in batch:
                writer.write(record)
    path = FileSystems.join(folder, name)
    tf.io.gfile.rename(unfinished, path, overwrite=True)


def read_records(folder: str | os.PathLike[str]) -> Iterator[list[bytes]]:
    """Reads the serialized examples of a split, in the order of its files.

    Args:
        folder: of the split; one that is not there holds nothing.

    Yields:
        Some records at a time, at least one.
    """
    pattern = FileSystems.join(os.fspath(folder), "*.gz")
    files = sorted(tf.io.gfile.glob(pattern))
    if not files:
        return
    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP")
    for records in dataset.batch(_READ_AT_ONCE).as_numpy_iterator():
        yield records.tolist()
