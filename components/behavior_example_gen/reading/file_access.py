"""Finds and opens files. Beam loads for paths that are URIs alone.

To import Beam takes five seconds, and most files lie on this machine.
"""

import contextlib
import dataclasses
import glob
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@dataclasses.dataclass(frozen=True)
class FoundFile:
    """A file that a pattern matches."""

    path: str
    size_in_bytes: int


def match_files(pattern: str) -> list[FoundFile]:
    """Lists the files that a glob matches, by path.

    Args:
        pattern: a path of this machine, or a URI.
    """
    if not _is_uri(pattern):
        paths = [pattern] if Path(pattern).is_file() else []
        # `Path.glob` takes no absolute pattern.
        paths = paths or glob.glob(pattern, recursive=True)  # noqa: PTH207
        return [
            FoundFile(path, Path(path).stat().st_size)
            for path in sorted(paths)
            if Path(path).is_file()
        ]
    found = _file_systems().match([pattern])[0].metadata_list
    return sorted(
        (FoundFile(one.path, one.size_in_bytes) for one in found),
        key=lambda one: one.path,
    )


@contextlib.contextmanager
def open_file(path: str) -> Iterator[BinaryIO]:
    """Opens a file to read its bytes as they are stored."""
    if _is_uri(path):
        opened = _file_systems().open(path, compression_type="uncompressed")
        with contextlib.closing(opened):
            yield opened
        return
    with Path(path).open("rb") as stream:
        yield stream


def find_change_time(path: str) -> float:
    """Returns when a file was last written, in seconds since the epoch."""
    if _is_uri(path):
        return _file_systems().last_updated(path)
    return Path(path).stat().st_mtime


def _is_uri(path: str) -> bool:
    return "://" in path


def _file_systems() -> type:
    from apache_beam.io.filesystems import FileSystems

    return FileSystems
