"""The files of a split: gzip TFRecord shards of serialized examples.

Reading needs neither TensorFlow nor Beam: a command that shows the history of
one user would wait for them most of the time.
"""

import os
import struct
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from pyarrow import fs

_READ_AT_ONCE = 1024  # records
_HEADER = struct.Struct("<Q4x")  # the length of a record, and its checksum
_FOOTER_BYTES = 4  # the checksum of a record
_MAX_RECORD_BYTES = 2**31 - 1  # protobuf writes no larger message
_SUFFIX = ".gz"


def split_folder(uri: str | os.PathLike[str], split: str) -> str:
    """Returns the folder of one split below the `Examples` artifact."""
    return f"{os.fspath(uri).rstrip('/')}/Split-{split}"


def shard_name(shard: int, num_shards: int) -> str:
    """Returns the file name of a shard, as TFX names them."""
    return f"data_tfrecord-{shard:05d}-of-{num_shards:05d}{_SUFFIX}"


def read_records(folder: str | os.PathLike[str]) -> Iterator[list[bytes]]:
    """Reads the serialized examples of a split, in the order of its files.

    Args:
        folder: of the split; one that is not there holds nothing, as does a
            shard without records.

    Yields:
        Some records at a time, at least one.

    Raises:
        OSError: a file is damaged or cut off, or the folder has no shard.
    """
    files, path = _open_file_system(os.fspath(folder))
    records = []
    for name in _list_shards(files, path):
        with files.open_input_stream(name, compression="gzip") as stream:
            for record in _iterate_records(BufferedReader(stream), name):
                records.append(record)
                if len(records) == _READ_AT_ONCE:
                    yield records
                    records = []
    if records:
        yield records


def _open_file_system(folder: str) -> tuple[fs.FileSystem, str]:
    """Finds the file system of a path or a URI, and the path in it."""
    if "://" not in folder:
        folder = str(Path(folder).absolute())
    return fs.FileSystem.from_uri(folder)


def _list_shards(files: fs.FileSystem, path: str) -> list[str]:
    """Lists the shards of a split; none where its folder is not there."""
    if files.get_file_info(path).type == fs.FileType.NotFound:
        return []
    found = sorted(
        files.get_file_info(fs.FileSelector(path)), key=lambda one: one.path
    )
    shards = [one for one in found if one.path.endswith(_SUFFIX)]
    if not shards:
        names = ", ".join(one.base_name for one in found) or "an empty folder"
        raise FileNotFoundError(
            f"{path} must hold a gzip TFRecord file *{_SUFFIX}. Received:"
            f" {names}. Run the pipeline again."
        )
    for one in shards:
        if not one.size:  # even one without records has gzip's header
            raise _damaged(one.path, "an empty file")
    return [one.path for one in shards]


def _damaged(name: str, received: str) -> OSError:
    return OSError(
        f"{name} must hold whole records. Received: {received}. Run the"
        " pipeline again."
    )


def _iterate_records(stream: BufferedReader, name: str) -> Iterator[bytes]:
    """Takes the records out of TFRecord's frames.

    Their checksums are not read: gzip has its own, over all that it holds.

    Source: tensorflow/core/lib/io/record_reader.cc.
    """
    while header := stream.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise _damaged(name, "one that is cut off")
        length = _HEADER.unpack(header)[0]
        if length > _MAX_RECORD_BYTES:
            raise _damaged(name, f"one of {length:,} bytes")
        frame = stream.read(length + _FOOTER_BYTES)
        if len(frame) < length + _FOOTER_BYTES:
            raise _damaged(name, "one that is cut off")
        yield frame[:length]
