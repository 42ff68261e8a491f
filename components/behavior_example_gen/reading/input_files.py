"""Finds the files of a span and tells when their content changed."""

import dataclasses
import hashlib
import logging

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import TableConfig
from components.behavior_example_gen.reading import file_access

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


def resolve_spans(
    dataset: DatasetConfig, span: int | None
) -> tuple[DatasetConfig, int, int]:
    """Fills span, date and version patterns in.

    Args:
        dataset: tables whose paths may hold patterns.
        span: the span to read; None takes the latest one of the events.

    Returns:
        The dataset with plain globs, the span (0 where no path has a
        pattern) and the version of the events (0 likewise).

    Raises:
        ValueError: no file belongs to the span, or a pattern is malformed.
    """
    tables = {}
    version = 0
    for name in TABLES:
        table = getattr(dataset, name)
        if table is None or not _has_span(table):
            continue
        path, span, found_version = _resolve(name, table, span)
        if name == "events":
            version = found_version or 0
        tables[name] = dataclasses.replace(table, path=path)
    for name in ("more_items", "more_users"):
        more = (_resolve_further(t, span) for t in getattr(dataset, name))
        tables[name] = tuple(table for table in more if table is not None)
    return dataclasses.replace(dataset, **tables), span or 0, version


def list_files(dataset: DatasetConfig) -> list[InputFile]:
    """Lists the files of a dataset without patterns, in a fixed order.

    Raises:
        FileNotFoundError: a table has no file, and is no further one.
    """
    files = []
    for name in TABLES:
        first = len(files)
        for source, table in enumerate(dataset.list_tables(name)):
            found = file_access.match_files(table.path)
            if not found and source:
                _logger.warning("No file is at %s yet.", table.path)
            elif not found:
                raise FileNotFoundError(
                    f"`{name}` must match at least one file. "
                    f"Received: path={table.path!r}."
                )
            for entry in found:
                order, size = len(files) - first, entry.size_in_bytes
                files.append(InputFile(name, entry.path, order, size, source))
    return files


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
            changed_at = file_access.find_change_time(file.path)
            digest.update(str(changed_at).encode())
            with file_access.open_file(file.path) as stream:
                digest.update(stream.read(_CHUNK_BYTES))
                stream.seek(file.size_in_bytes - _CHUNK_BYTES)
                digest.update(stream.read(_CHUNK_BYTES))
            continue
        with file_access.open_file(file.path) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def _resolve(
    name: str, table: TableConfig, span: int | None
) -> tuple[str, int, int | None]:
    """Returns the glob, the span and the version that a pattern means."""
    from tfx.components.example_gen import utils
    from tfx.proto import example_gen_pb2

    split = example_gen_pb2.Input.Split(name=name, pattern=table.path)
    _, found, version = utils.calculate_splits_fingerprint_span_and_version(
        "", [split], _range(span)
    )
    return split.pattern, found, version


def _resolve_further(table: TableConfig, span: int | None):
    """Returns the table with a plain glob; None = the span has none."""
    if not _has_span(table):
        return table
    try:
        path, *_ = _resolve("more", table, span)
    except ValueError:
        _logger.warning("Span %s has no file at %s.", span, table.path)
        return None
    return dataclasses.replace(table, path=path)


def _has_span(table: TableConfig) -> bool:
    if "{" not in table.path:
        return False  # to import TFX takes long
    from tfx.components.example_gen import utils
    from tfx.proto import example_gen_pb2

    split = example_gen_pb2.Input.Split(pattern=table.path)
    return any(utils.verify_split_pattern_specs(split)[:2])


def _range(span: int | None):
    if span is None:
        return None
    from tfx.proto import range_config_pb2

    return range_config_pb2.RangeConfig(
        static_range=range_config_pb2.StaticRange(
            start_span_number=span, end_span_number=span
        )
    )
