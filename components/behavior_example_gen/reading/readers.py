"""Streams files as Arrow batches, and lists lines that are not rows."""

import contextlib
import csv
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from components.behavior_example_gen.config import TableConfig
from components.behavior_example_gen.reading import csv_rows
from components.behavior_example_gen.reading import json_lines
from components.behavior_example_gen.reading.file_access import open_file
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch

_BLOCK_BYTES = 16 << 20
_PARQUET_ROWS = 1 << 18
_HEADER_BYTES = 1 << 16


def read_batches(
    file: InputFile, table: TableConfig, columns: list[str]
) -> Iterator[RawBatch]:
    """Reads the mapped columns of one file.

    Args:
        file: what to read; `.gz` is unpacked on the fly.
        table: format and delimiter.
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
    read = {"csv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}
    form = table.file_format()
    with _open(file.path) as stream, _named_errors(file, form):
        yield from read[form](file, table, columns, stream)


def require_columns(
    file: InputFile, wanted: list[str], present: list[str]
) -> None:
    """Raises ValueError where the file lacks a column of the mapping."""
    for name in wanted:
        if name not in present:
            raise ValueError(
                f"`{file.table}` must have the column {name!r}. "
                f"Received: columns {sorted(present)} in {file.path}. "
                "Remedy: correct the column mapping of the dataset."
            )


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
    with _open(file.path) as stream, _named_errors(file, form):
        block = stream.read(num_bytes)
    if form == "csv":
        text = block.decode("utf-8-sig", errors="replace")
        # Any line break ends the header: \n, \r\n or \r.
        lines = io.StringIO(text, newline=None)
        present = next(csv.reader(lines, delimiter=table.delimiter), [])
    else:
        present = json_lines.column_names(block, columns)
    if present:
        require_columns(file, columns, present)


def _read_csv(file, table, columns, stream) -> Iterator[RawBatch]:
    num_rows = 0
    num_bad = 0
    try:
        for batch in csv_rows.parse(file, table, columns, stream):
            yield batch
            num_rows += len(batch.lines)
            num_bad += len(batch.bad_lines)
    except pa.ArrowInvalid as error:
        if not csv_rows.is_unreadable_row(error):
            raise
    else:
        return
    with _open(file.path) as again:
        for batch in csv_rows.parse_recoded(file, table, columns, again):
            rest = batch.without_first(num_rows, num_bad)
            num_rows = max(num_rows - len(batch.lines), 0)
            num_bad = max(num_bad - len(batch.bad_lines), 0)
            yield rest


def _read_jsonl(file, table, columns, stream) -> Iterator[RawBatch]:
    del table
    first_line = 1
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        whole, newline, torn = (rest + block).rpartition(b"\n")
        rest = torn
        if newline:
            yield json_lines.parse(whole, first_line, columns)
            first_line += whole.count(b"\n") + 1
    if rest:
        yield json_lines.parse(rest, first_line, columns)


def _read_parquet(file, table, columns, stream) -> Iterator[RawBatch]:
    del table
    source = arrow_parquet.ParquetFile(stream)
    require_columns(file, columns, source.schema_arrow.names)
    line = 1
    for batch in source.iter_batches(_PARQUET_ROWS, columns=columns):
        yield RawBatch(
            columns=dict(zip(batch.schema.names, batch.columns, strict=True)),
            lines=np.arange(line, line + batch.num_rows),
            bad_lines=[],
        )
        line += batch.num_rows


@contextlib.contextmanager
def _open(path: str) -> Iterator[pa.NativeFile]:
    with open_file(path) as raw:
        stream = pa.PythonFile(raw, mode="r")
        if path.lower().endswith(".gz"):
            stream = pa.CompressedInputStream(stream, "gzip")
        yield stream


@contextlib.contextmanager
def _named_errors(file: InputFile, form: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, EOFError, OSError) as error:
        raise ValueError(
            f"`{file.table}` must be readable {form}. "
            f"Received: {error} in {file.path}."
        ) from error
