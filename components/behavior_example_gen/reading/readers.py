"""Streams files as Arrow batches, and lists lines that are not rows."""

import contextlib
import csv
import itertools
import logging
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from components.behavior_example_gen.reading import csv_rows
from components.behavior_example_gen.reading import json_arrays
from components.behavior_example_gen.reading import json_lines
from components.behavior_example_gen.reading.csv_layout import find_layout
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch
from components.behavior_example_gen.reading.text_blocks import TextBlocks
from components.behavior_example_gen.reading.text_blocks import open_unpacked
from components.behavior_example_gen.table_config import TableConfig

_logger = logging.getLogger(__name__)
_BLOCK_BYTES = 16 << 20
_PARQUET_ROWS = 1 << 18
_HEADER_BYTES = 1 << 16


def read_batches(
    file: InputFile, table: TableConfig, columns: list[str]
) -> Iterator[RawBatch]:
    """Reads the mapped columns of one file.

    Args:
        file: what to read; packed files are unpacked on the fly.
        table: how it is written.
        columns: names of the columns wanted.

    Yields:
        Batches of rows as written in the file. CSV cells are bytes, null where
        empty.

    Raises:
        ValueError: a column is missing, or the file is not what its format
            says; the message names file and columns.
    """
    if file.size_in_bytes == 0:
        yield RawBatch.of_bad_lines([BadLine(0, "empty file", "")], columns)
        return
    form = table.file_format()
    with _named_errors(file, form), open_unpacked(file.path) as stream:
        if form == "parquet":
            yield from _read_parquet(file, columns, stream)
            return
        blocks = TextBlocks(stream, table.encoding, _BLOCK_BYTES, file.quote)
        if form == "csv":
            yield from csv_rows.parse(file, table, columns, iter(blocks))
        else:
            yield from _read_json(columns, iter(blocks))
    if blocks.guess:
        _logger.warning("`%s`: %s %s.", file.table, file.path, blocks.guess)


def check_header(
    file: InputFile, table: TableConfig, columns: list[str]
) -> None:
    """Raises ValueError where the file lacks a mapped column.

    Called before the run, so that a misspelt column stops it at once. JSON
    Lines of a further table may lack a key in all rows: few may have come to
    the gateway yet.
    """
    form = table.file_format()
    if file.size_in_bytes == 0 or form == "parquet":
        return  # Parquet's footer is at the end: checked where it is read
    if file.source and form == "jsonl":
        return
    num_bytes = _HEADER_BYTES if form == "csv" else _BLOCK_BYTES
    with _named_errors(file, form), open_unpacked(file.path) as stream:
        blocks = TextBlocks(stream, table.encoding, num_bytes, file.quote)
        block = next(iter(blocks), b"")
        if form == "csv" and block:
            find_layout(file, table, columns, block)
        if form == "jsonl":
            _require_keys(file, columns, block)


def _require_keys(file: InputFile, columns: list[str], block: bytes) -> None:
    lines = block.split(b"\n")
    if json_arrays.is_array(block):
        lines, *_ = next(json_arrays.split(iter([block])))
    present = json_lines.column_names(lines, columns)
    for name in columns:
        if present and name not in present:
            raise ValueError(_say_missing(file, name, present))


def _say_missing(file: InputFile, name: str, present: list[str]) -> str:
    return (
        f"`{file.table}` must have the column {name!r}. "
        f"Received: columns {sorted(present)} in {file.path}. "
        "Remedy: correct the column mapping of the dataset."
    )


def _read_json(
    columns: list[str], blocks: Iterator[bytes]
) -> Iterator[RawBatch]:
    first = next(blocks, b"")
    blocks = itertools.chain([first], blocks)
    if json_arrays.is_array(first):
        parts = json_arrays.split(blocks)
    else:
        parts = _split_lines(blocks)
    for lines, numbers, bad in parts:
        batch = json_lines.parse(lines, numbers, columns)
        batch.bad_lines.extend(bad)
        if len(batch.lines) or batch.bad_lines:
            yield batch


def _split_lines(
    blocks: Iterator[bytes],
) -> Iterator[tuple[list[bytes], range, list[BadLine]]]:
    number = 1
    rest = b""
    block = next(blocks, b"")
    while block:
        following = next(blocks, b"")
        lines = (rest + block).split(b"\n")
        rest = lines.pop() if following else b""
        yield lines, range(number, number + len(lines)), []
        number += len(lines)
        block = following


def _read_parquet(
    file: InputFile, columns: list[str], stream: pa.NativeFile
) -> Iterator[RawBatch]:
    source = arrow_parquet.ParquetFile(stream)
    present = source.schema_arrow.names
    for name in columns:
        if name not in present:
            raise ValueError(_say_missing(file, name, present))
    line = 1
    for batch in source.iter_batches(_PARQUET_ROWS, columns=columns):
        yield RawBatch(
            columns=dict(zip(batch.schema.names, batch.columns, strict=True)),
            lines=np.arange(line, line + batch.num_rows),
            bad_lines=[],
        )
        line += batch.num_rows


@contextlib.contextmanager
def _named_errors(file: InputFile, form: str) -> Iterator[None]:
    """Adds the file to what Arrow and decoders say."""
    try:
        yield
    except UnicodeError as error:
        raise ValueError(
            f"`{file.table}` must be text in its `encoding`. "
            f"Received: {error} in {file.path}. Remedy: set `encoding`, such "
            "as utf-8, utf-16, cp1252, gb18030, shift_jis or cp1251."
        ) from error
    except (pa.ArrowInvalid, csv.Error, EOFError, OSError) as error:
        raise ValueError(
            f"`{file.table}` must be readable {form}. "
            f"Received: {error} in {file.path}."
        ) from error
