"""Parses CSV with Arrow; every line becomes a row, part of one, or a reject.

Arrow parses a block; if it finds as many rows as the block has lines, each
line is a row. If not, a cell spans lines, or a stray quote swallows them:
`quoted_rows` tells which.
"""

import csv
import logging
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from components.behavior_example_gen.reading.csv_layout import QUOTE
from components.behavior_example_gen.reading.csv_layout import Dialect
from components.behavior_example_gen.reading.csv_layout import Layout
from components.behavior_example_gen.reading.csv_layout import find_layout
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.quote_style import find_backslash
from components.behavior_example_gen.reading.quote_style import find_quoted
from components.behavior_example_gen.reading.quoted_rows import Rows
from components.behavior_example_gen.reading.quoted_rows import ends_open
from components.behavior_example_gen.reading.quoted_rows import find_rows
from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch
from components.behavior_example_gen.table_config import TableConfig

_logger = logging.getLogger(__name__)
STRAY_QUOTE = "stray quote"
_WRONG_WIDTH = "wrong number of columns"
_BLANK = "blank line"


def parse(
    file: InputFile,
    table: TableConfig,
    columns: list[str],
    blocks: Iterator[bytes],
) -> Iterator[RawBatch]:
    """Parses the wanted columns of a CSV file.

    Args:
        file: for messages.
        table: how it is written.
        columns: names, or positions, of the columns wanted.
        blocks: its text, UTF-8 but for some bytes.

    Yields:
        Batches of bytes cells, null where empty.

    Raises:
        ValueError: a column is missing.
    """
    rest = next(blocks, b"")
    if not rest:
        line = BadLine(0, "empty file", "")
        yield RawBatch.of_bad_lines([line], columns)
        return
    layout = find_layout(file, table, columns, rest)
    dialect = Dialect.of(table, rest)
    parser = _Parser(layout, dialect)
    if quoted := find_quoted(rest, table, dialect):
        _logger.warning(
            "`%s`: cells of %s seem to be quoted, such as %s. If so, set "
            "`quoting: standard`; if not, `quoting: none`.",
            file.table,
            file.path,
            file.quote(quoted.decode(errors="backslashreplace")),
        )
    rest = rest[layout.num_header_bytes :]
    for block in blocks:
        whole, rest = _cut(rest)
        _require_no_backslash(file, table, dialect, whole)
        batch, left = parser.parse(whole, is_last=False)
        yield batch
        rest = left + rest + block
    _require_no_backslash(file, table, dialect, rest)
    yield parser.parse(rest, is_last=True)[0]


def _require_no_backslash(
    file: InputFile, table: TableConfig, dialect: Dialect, text: bytes
) -> None:
    if cell := find_backslash(text, table, dialect):
        shown = file.quote(cell.decode(errors="backslashreplace"))
        raise ValueError(
            f"quotes within quoted cells of `{file.table}` must be doubled. "
            f"Received: {shown} in {file.path}. Remedy: set `escape: '\\'`, or "
            "`escape: '\"'` if the backslash is a character of the cell."
        )


class _Parser:
    """Parses whole lines, block after block, and counts them."""

    def __init__(self, layout: Layout, dialect: Dialect):
        self._layout = layout
        self._dialect = dialect
        self._first_line = layout.num_header_lines + 1
        self._has_long_rows = False  # in the last block

    def parse(self, text: bytes, is_last: bool) -> tuple[RawBatch, bytes]:
        """Returns rows, and the lines of a row that is not complete yet."""
        unified = self._dialect.unify(text)
        num_lines = _count_lines(unified)
        is_plain = self._is_plain(unified)
        batch = None
        if is_plain or not self._has_long_rows:
            each = Rows(unified, np.arange(num_lines), [], num_lines)
            batch = self._parse_rows(each, unified)
        if batch and (is_plain or not ends_open(unified, self._dialect)):
            self._first_line += num_lines
            self._has_long_rows = False
            return batch, b""
        rows = find_rows(
            unified, self._dialect, self._layout.num_columns, is_last
        )
        batch = self._parse_rows(rows, unified)
        if batch is None:
            raise csv.Error(
                f"quotes without an order in lines {self._first_line} to "
                f"{self._first_line + num_lines - 1} (try another `quoting` "
                "or `escape`)"
            )
        self._first_line += rows.num_lines
        self._has_long_rows = len(rows.starts) < rows.num_lines
        rest = text.splitlines(keepends=True)[rows.num_lines :]
        return batch, b"".join(rest)

    def _is_plain(self, text: bytes) -> bool:
        marks = [self._dialect.escape] if self._dialect.escape else []
        marks += [QUOTE] if self._dialect.has_quotes else []
        return not any(mark.encode() in text for mark in marks)

    def _parse_rows(self, rows: Rows, block: bytes) -> RawBatch | None:
        """Returns the rows; None if Arrow finds others than these.

        Args:
            rows: of the block.
            block: all of its lines.
        """
        text = rows.text
        is_utf8 = _is_utf8(text)
        if not is_utf8:
            # Arrow stops at a bad row that it cannot decode. In Latin-1 any
            # byte is a character.
            text = text.decode("latin-1").encode()
        cells, bad_rows = self._read(text)
        if cells.num_rows + len(bad_rows) != len(rows.starts):
            return None
        bad_places = np.array([row.number - 1 for row in bad_rows], np.int64)
        starts = np.delete(rows.starts, bad_places)
        is_blank = _find_blank(cells, starts, block)
        cells = cells.filter(pa.array(~is_blank))
        lines = starts[~is_blank] + self._first_line
        bad_lines = [
            BadLine(self._first_line + place, _BLANK, "")
            for place in starts[is_blank].tolist()
        ]
        bad_lines += [
            BadLine(self._first_line + place, STRAY_QUOTE, self._show(line))
            for place, line in rows.stray
        ]
        for row, place in zip(bad_rows, rows.starts[bad_places], strict=True):
            content = row.text.encode("utf-8" if is_utf8 else "latin-1")
            bad_lines += [
                BadLine(self._first_line + line, _WRONG_WIDTH, self._show(part))
                for line, part in enumerate(
                    content.splitlines() or [b""], place
                )
            ]
        columns = {
            name: self._restore(cells[str(place)].combine_chunks(), is_utf8)
            for name, place in self._layout.places.items()
        }
        return RawBatch(columns, lines, bad_lines)

    def _read(self, text: bytes) -> tuple[pa.Table, list]:
        places = [str(place) for place in range(self._layout.num_columns)]
        wanted = sorted({str(one) for one in self._layout.places.values()})
        types = {name: pa.binary() for name in wanted}
        if not text:
            return pa.schema(types).empty_table(), []
        bad_rows = []

        def keep_bad_row(row: arrow_csv.InvalidRow) -> str:
            bad_rows.append(row)
            return "skip"

        cells = arrow_csv.read_csv(
            pa.py_buffer(text),
            # One thread: only then are the numbers of rows known.
            read_options=arrow_csv.ReadOptions(
                block_size=len(text) + 1,
                use_threads=False,
                column_names=places,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=QUOTE if self._dialect.has_quotes else False,
                escape_char=self._dialect.escape or False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep_bad_row,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        return cells, bad_rows

    def _restore(self, cells: pa.Array, is_utf8: bool) -> pa.Array:
        """Returns cells with the bytes that the file has."""
        if self._dialect.delimiter != self._dialect.stands_for:
            cells = pc.replace_substring(
                cells, self._dialect.delimiter, self._dialect.stands_for
            )
        if is_utf8:
            return cells
        restored = [
            None if cell is None else cell.decode().encode("latin-1")
            for cell in cells.to_pylist()
        ]
        return pa.array(restored, pa.binary())

    def _show(self, line: bytes) -> str:
        line = self._dialect.restore(line.rstrip(b"\r\n"))
        return line.decode(errors="backslashreplace")


def _cut(text: bytes) -> tuple[bytes, bytes]:
    """Divides text behind its last whole line.

    A carriage return at the end may be the first half of a line break.
    """
    end = max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1)) + 1
    return text[:end], text[end:]


def _find_blank(
    cells: pa.Table, starts: np.ndarray, block: bytes
) -> np.ndarray:
    """Returns bool `[rows]`: which rows are blank lines.

    Arrow reads them as rows of empty cells.
    """
    is_blank = np.ones(len(starts), bool)
    for column in cells.columns:
        is_blank &= column.is_null().to_numpy()
    if is_blank.any():
        lines = block.splitlines()
        for row in np.flatnonzero(is_blank):
            is_blank[row] = not lines[starts[row]].strip()
    return is_blank


def _count_lines(text: bytes) -> int:
    num_breaks = text.count(b"\n")
    if b"\r" in text:
        num_breaks += text.count(b"\r") - text.count(b"\r\n")
    return num_breaks + (len(text) > 0 and not text.endswith((b"\n", b"\r")))


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
