"""Streams files as Arrow batches; lines that are no rows come out beside."""

import contextlib
import csv
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
from apache_beam.io.filesystems import FileSystems

from components.behavior_example_gen import json_lines
from components.behavior_example_gen.config import TableConfig
from components.behavior_example_gen.input_files import InputFile
from components.behavior_example_gen.raw_batch import BadLine
from components.behavior_example_gen.raw_batch import RawBatch

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
        Batches of rows as the file spells them. CSV cells are bytes, null
        where empty.

    Raises:
        ValueError: a column is missing, or the file is not what its format
            says; the message names file and columns.
    """
    if file.size_in_bytes == 0:
        yield RawBatch.of_bad_lines([BadLine(0, "empty file", "")], columns)
        return
    read = {"csv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}
    with _open(file.path) as stream:
        try:
            yield from read[table.file_format()](file, table, columns, stream)
        except (pa.ArrowInvalid, EOFError, OSError) as error:
            raise ValueError(
                f"`{file.table}` must be readable {table.file_format()}. "
                f"Received: {error} in {file.path}."
            ) from error


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

    Called before the run, so that a misspelt column stops it at once.
    """
    if file.size_in_bytes == 0:
        return
    with _open(file.path) as stream:
        form = table.file_format()
        if form == "csv":
            line, _, _ = stream.read(_HEADER_BYTES).partition(b"\n")
            line = line.decode("utf-8-sig", errors="replace").rstrip("\r")
            present = next(csv.reader([line], delimiter=table.delimiter), [])
        elif form == "jsonl":
            present = json_lines.column_names(stream.read(_BLOCK_BYTES))
        else:
            return  # the footer is at the end: checked where it is read
    if present:
        require_columns(file, columns, present)


def _read_csv(file, table, columns, stream) -> Iterator[RawBatch]:
    bad = []

    def keep_bad_row(row: arrow_csv.InvalidRow) -> str:
        reason = "wrong number of columns"
        bad.append(BadLine(row.number, reason, row.text))
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            stream,
            # One thread: only then rows know their numbers.
            read_options=arrow_csv.ReadOptions(
                block_size=_BLOCK_BYTES, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=table.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep_bad_row,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.binary() for name in columns},
                include_columns=columns,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except KeyError as error:
        raise ValueError(
            f"`{file.table}` must have all mapped columns. "
            f"Received: {error.args[0]}: {file.path}."
        ) from error
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise
        line = BadLine(0, "empty file", "")
        yield RawBatch.of_bad_lines([line], columns)
        return
    num_rows = 0
    num_bad = 0
    for batch in reader:
        # The header is line 1; rows skipped as bad keep their numbers.
        skipped = np.array([line.line for line in bad], np.int64)
        skipped -= np.arange(len(bad)) + 2
        index = np.arange(num_rows, num_rows + batch.num_rows)
        lines = index + 2 + np.searchsorted(skipped, index, side="right")
        num_rows += batch.num_rows
        yield RawBatch(
            columns=dict(zip(batch.schema.names, batch.columns, strict=True)),
            lines=lines,
            bad_lines=bad[num_bad:],
        )
        num_bad = len(bad)
    if bad[num_bad:]:
        yield RawBatch.of_bad_lines(bad[num_bad:], columns)


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
    with FileSystems.open(path, compression_type="uncompressed") as raw:
        stream = pa.PythonFile(raw, mode="r")
        if path.lower().endswith(".gz"):
            stream = pa.CompressedInputStream(stream, "gzip")
        yield stream
