"""Finds the files of a dataset and tells when their content changed."""

import dataclasses
import hashlib
import itertools
import logging
from pathlib import Path

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading.file_access import FoundFile
from components.behavior_example_gen.reading.file_access import find_change_time
from components.behavior_example_gen.reading.file_access import match_files
from components.behavior_example_gen.reading.file_access import open_file
from components.behavior_example_gen.table_config import TableConfig

_logger = logging.getLogger(__name__)
TABLES = ("events", "items", "users")
_CHUNK_BYTES = 1 << 20
_FULL_HASH_BYTES = 1 << 30  # larger files are known by size, age and ends


@dataclasses.dataclass(frozen=True)
class InputFile:
    """One file of a table."""

    table: str
    path: str
    order: int  # place among the files of its table
    size_in_bytes: int
    source: int = 0  # which of `DatasetConfig.list_tables` it belongs to
    is_private: bool = False  # messages may not quote what it holds

    def quote(self, text: str) -> str:
        """Returns some text of the file for a message, or why it is hidden."""
        if self.is_private:
            return "(not shown, as `pseudonymise_key_file` is set)"
        return text


def list_files(dataset: DatasetConfig) -> list[InputFile]:
    """Lists the files of a dataset without patterns, in a fixed order.

    Raises:
        FileNotFoundError: a table has no file, and is no further one.
    """
    files = []
    is_private = dataset.pseudonymise_key_file is not None
    for name in TABLES:
        first = len(files)
        for source, table in enumerate(dataset.list_tables(name)):
            found = _match(table)
            if not found and source:
                _logger.warning("No file is at %s yet.", table.path)
            elif not found:
                raise FileNotFoundError(
                    f"`{name}` must match at least one file. "
                    f"Received: path={table.path!r}, seen from {Path.cwd()}."
                )
            for entry in found:
                file = InputFile(
                    table=name,
                    path=entry.path,
                    order=len(files) - first,
                    size_in_bytes=entry.size_in_bytes,
                    source=source,
                    is_private=is_private,
                )
                files.append(file)
    return files


def _match(table: TableConfig) -> list[FoundFile]:
    """Returns the files of all paths, each once."""
    found = {}
    for pattern in table.paths():
        for file in match_files(pattern) or _match_folder(pattern):
            if not _is_marker(pattern, file.path):
                found.setdefault(file.path, file)
    return list(found.values())


def _match_folder(pattern: str) -> list[FoundFile]:
    """Returns the files below a folder that have content.

    Spark writes a part without rows as an empty file.
    """
    folder = pattern.rstrip("/")
    return [one for one in match_files(f"{folder}/**") if one.size_in_bytes]


def _is_marker(pattern: str, path: str) -> bool:
    """Tells whether a file such as _SUCCESS is beside the data."""
    wanted = pattern.rstrip("/").split("/")
    pairs = itertools.zip_longest(path.split("/"), wanted)
    return any(
        part != known and (part or "").startswith(("_", "."))
        for part, known in pairs
    )


def fingerprint(files: list[InputFile]) -> str:
    """Hashes tables, paths and contents.

    TFX's own fingerprint knows sizes and times only, so that a file
    rewritten within a second at the same size passes for unchanged
    (tfx/utils/io_utils.py, generate_fingerprint). Files above 1 GiB are
    known by size, time of change and their first and last MiB.

    Returns:
        A hexadecimal digest.
    """
    digest = hashlib.blake2b(digest_size=20)
    for file in files:
        head = f"{file.table}\n{file.path}\n{file.size_in_bytes}\n"
        digest.update(head.encode())
        if file.size_in_bytes > _FULL_HASH_BYTES:
            changed_at = find_change_time(file.path)
            digest.update(str(changed_at).encode())
            with open_file(file.path) as stream:
                digest.update(stream.read(_CHUNK_BYTES))
                stream.seek(file.size_in_bytes - _CHUNK_BYTES)
                digest.update(stream.read(_CHUNK_BYTES))
            continue
        with open_file(file.path) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
