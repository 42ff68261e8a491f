"""Parses CSV with Arrow; rows with another number of columns are rejected."""

import io
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from components.behavior_example_gen.config import TableConfig
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch

_BLOCK_BYTES = 16 << 20
_BOM = b"\xef\xbb\xbf"


def parse(
    file: InputFile,
    table: TableConfig,
    columns: list[str],
    stream: pa.NativeFile,
) -> Iterator[RawBatch]:
    """Parses the wanted columns of a CSV stream.

    Yields:
        Batches of bytes cells, null where empty.

    Raises:
        ValueError: a column is missing.
        pyarrow.ArrowInvalid: the stream is no CSV, or `is_unreadable_row`.
    """
    bad = []

    def keep_bad_row(row: arrow_csv.InvalidRow) -> str:
        reason = "wrong number of columns"
        bad.append(BadLine(row.number, reason, row.text))
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            stream,
            # One thread: only then are line numbers known.
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
        # Arrow reads ahead in a thread of its own: `bad` may grow at any time.
        known = tuple(bad)
        # The header is line 1; rows skipped as bad keep their numbers.
        skipped = np.array([line.line for line in known], np.int64)
        skipped -= np.arange(len(known)) + 2
        index = np.arange(num_rows, num_rows + batch.num_rows)
        lines = index + 2 + np.searchsorted(skipped, index, side="right")
        num_rows += batch.num_rows
        yield RawBatch(
            columns=dict(zip(batch.schema.names, batch.columns, strict=True)),
            lines=lines,
            bad_lines=_split_lines(known[num_bad:]),
        )
        num_bad = len(known)
    if bad[num_bad:]:
        yield RawBatch.of_bad_lines(_split_lines(bad[num_bad:]), columns)


def _split_lines(bad_rows: Sequence[BadLine]) -> list[BadLine]:
    """Makes a reject of each line of a bad row.

    A quote that is never closed makes one row of all lines that follow: as one
    reject it would stay below any share.
    """
    return [
        BadLine(row.line + place, row.reason, line)
        for row in bad_rows
        for place, line in enumerate(row.row.splitlines() or [""])
    ]


def is_unreadable_row(error: pa.ArrowInvalid) -> bool:
    """Tells whether Arrow stopped at a row that it could not decode.

    Arrow decodes a row of the wrong width as UTF-8 before it calls the handler.
    If that fails (a file that ends within a character), it stops.
    """
    return "CSV parse error: Row #" in str(error)


def parse_recoded(
    file: InputFile,
    table: TableConfig,
    columns: list[str],
    stream: pa.NativeFile,
) -> Iterator[RawBatch]:
    """Parses a CSV stream that is not UTF-8 throughout.

    Several times slower than `parse`; yields and raises the same, with
    undecodable bytes of bad rows escaped. Each byte passes through Arrow as one
    character of Latin-1, in which any bytes are valid text.
    """
    aliases = {name.encode().decode("latin-1"): name for name in columns}
    recoded = pa.PythonFile(_Latin1Reader(stream), mode="r")
    for batch in parse(file, table, list(aliases), recoded):
        yield RawBatch(
            columns={
                aliases[alias]: _restore(column)
                for alias, column in batch.columns.items()
            },
            lines=batch.lines,
            bad_lines=[
                BadLine(
                    bad.line,
                    bad.reason,
                    bad.row.encode("latin-1").decode(errors="backslashreplace"),
                )
                for bad in batch.bad_lines
            ],
        )


class _Latin1Reader(io.RawIOBase):
    """Reads Latin-1 as UTF-8."""

    def __init__(self, stream: pa.NativeFile):
        super().__init__()
        self._stream = stream
        self._is_first = True

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # A byte of Latin-1 takes up to two of UTF-8.
        block = self._stream.read(max(size // 2, 1) if size >= 0 else None)
        if self._is_first:
            block = block.removeprefix(_BOM)
            self._is_first = False
        return block.decode("latin-1").encode()


def _restore(column: pa.Array) -> pa.Array:
    cells = [
        None if cell is None else cell.decode().encode("latin-1")
        for cell in column.cast(pa.binary()).to_pylist()
    ]
    return pa.array(cells, pa.binary())
