"""Finds the columns of a CSV file in its first line."""

import csv
import dataclasses
import io
import re
from collections.abc import Iterator

from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.table_config import TableConfig

QUOTE = '"'
_DELIMITERS = ("::", "\t", ";", ",", "|", ":")  # of two as many, the first
# Stands for a delimiter of several characters: Arrow and csv take one.
_STAND_INS = "\x1f\x1e\x1d\x1c\x01\x02\x03\x04\x05\x06"
_RECBOLE_TYPE = re.compile(r":(token|token_seq|float|float_seq)$")
_NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)?\s*")
_SHOWN_NAMES = 30
_SHOWN_LETTERS = 60  # of a name
_HEADER_BYTES = 1 << 20
csv.field_size_limit(1 << 40)  # blocks are bounded already


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How cells are told apart; of one character each.

    Attributes:
        delimiter: stands between cells.
        stands_for: what the file has in its place.
        has_quotes: are quotes around a cell no part of it?
        escape: what stands before a quote that is part of a cell, or None.
    """

    delimiter: str
    stands_for: str
    has_quotes: bool
    escape: str | None

    @classmethod
    def of(cls, table: TableConfig, text: bytes) -> "Dialect":
        """Returns how a file of a table is written.

        Args:
            table: settings.
            text: the beginning of the file.
        """
        written = table.cell_delimiter()
        delimiter = written
        if len(written.encode()) > 1:
            delimiter = next(
                one for one in _STAND_INS if one.encode() not in text
            )
        escape = None if table.escape == QUOTE else table.escape
        return cls(delimiter, written, table.has_quotes(), escape)

    def read(self, lines: Iterator[str], strict: bool = False):
        """Returns Python's reader of such lines."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            escapechar=self.escape,
            quoting=csv.QUOTE_MINIMAL if self.has_quotes else csv.QUOTE_NONE,
            strict=strict,
        )

    def unify(self, text: bytes) -> bytes:
        """Returns text with one character for each delimiter.

        Raises:
            csv.Error: the text holds that character.
        """
        if self.delimiter == self.stands_for:
            return text
        if self.delimiter.encode() in text:
            raise csv.Error(
                f"the control character {self.delimiter!r}, which stands for "
                f"the delimiter {self.stands_for!r} while it is read,"
            )
        return text.replace(self.stands_for.encode(), self.delimiter.encode())

    def restore(self, text: bytes) -> bytes:
        """Returns text as the file spells it."""
        return text.replace(self.delimiter.encode(), self.stands_for.encode())


@dataclasses.dataclass(frozen=True)
class Layout:
    """The columns of a file.

    Attributes:
        num_columns: of every row.
        places: {wanted column: its place, from 0}.
        num_header_bytes: of the header, with its line break.
        num_header_lines: 0 where there is none.
    """

    num_columns: int
    places: dict[str, int]
    num_header_bytes: int
    num_header_lines: int


def find_layout(
    file: InputFile,
    table: TableConfig,
    columns: list[str],
    text: bytes,
) -> Layout:
    """Finds the wanted columns.

    Args:
        file: for messages.
        table: settings.
        columns: names, or positions as text, that are wanted.
        text: the beginning of the file with all of its first line, not yet
            unified.

    Raises:
        ValueError: a column is missing, or is there twice.
    """
    text = text[:_HEADER_BYTES]
    dialect = Dialect.of(table, text)
    # As Latin-1 each byte is a character: lengths stay those of the bytes.
    lines = io.StringIO(dialect.unify(text).decode("latin-1"), newline="")
    taken = []
    first = next(dialect.read(_record(lines, taken)), [])
    first = [cell.encode("latin-1").decode(errors="replace") for cell in first]
    if table.header == "first_line":
        places = _find_by_name(file, table, columns, first)
        header = dialect.restore("".join(taken).encode("latin-1"))
        return Layout(len(first), places, len(header), len(taken))
    names = table.header
    if names == "none":
        names = tuple(str(place) for place in range(len(first)))
    elif len(names) != len(first):
        raise ValueError(
            f"`header` must list all columns of `{file.table}`. "
            f"Received: {len(names)} names for the {len(first)} columns of "
            f"{file.path}: {file.quote(_show(first))}."
            f"{_hint_at_delimiter(table, first)}"
        )
    for name in columns:
        if name not in names:
            raise ValueError(
                f"`{file.table}` must have a column at position {name}. "
                f"Received: the {len(first)} columns from 0 of {file.path}: "
                f"{file.quote(_show(first))}."
                f"{_hint_at_delimiter(table, first)}"
            )
    places = {name: names.index(name) for name in columns}
    return Layout(len(first), places, 0, 0)


def _record(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _find_by_name(file, table, columns, header) -> dict[str, int]:
    spellings = (
        header,
        [name.strip() for name in header],
        [_RECBOLE_TYPE.sub("", name.strip()) for name in header],
    )
    places = {}
    for wanted in columns:
        names = next((one for one in spellings if wanted in one), None)
        if names is None:
            # A line with one of the mapped names is no row of a person.
            is_header = not _is_data(header) and any(
                name in one for one in spellings for name in columns
            )
            shown = _show(sorted(header))
            if not is_header:
                shown = file.quote(shown)
            raise ValueError(
                f"`{file.table}` must have the column {wanted!r}. "
                f"Received: columns {shown} in {file.path}. Remedy: "
                "correct the column mapping of the dataset."
                f"{_hint_at_header(table, header)}"
            )
        if names.count(wanted) > 1:
            raise ValueError(
                f"`{file.table}` must have the column {wanted!r} once. "
                f"Received: it stands {names.count(wanted)} times in the "
                f"first line of {file.path}. Remedy: list other names for "
                "the columns as `header`, in a file without its first line."
            )
        places[wanted] = names.index(wanted)
    return places


def _show(cells: list[str]) -> str:
    shown = [
        one if len(one) <= _SHOWN_LETTERS else f"{one[:_SHOWN_LETTERS]}..."
        for one in cells[:_SHOWN_NAMES]
    ]
    return f"{shown}, ..." if len(cells) > _SHOWN_NAMES else f"{shown}"


def _is_data(cells: list[str]) -> bool:
    return any(_NUMBER.fullmatch(one) for one in cells)


def _hint_at_header(table: TableConfig, header: list[str]) -> str:
    if _is_data(header):
        return (
            " The first line looks like data: if the file has no header, set "
            "`header: none` and map columns by position, from 0."
        )
    return _hint_at_delimiter(table, header)


def _hint_at_delimiter(table: TableConfig, cells: list[str]) -> str:
    if len(cells) != 1:
        return ""
    counts = {
        one: cells[0].count(one)
        for one in _DELIMITERS
        if one != table.cell_delimiter()
    }
    counts[":"] = counts.get(":", 0) - 2 * counts.get("::", 0)
    likely = max(counts, key=counts.get)
    if counts[likely] <= 0:
        return ""
    return (
        " The line is one cell: cells seem to stand between "
        f"{likely!r}, so set `delimiter: {_as_yaml(likely)}`."
    )


def _as_yaml(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'
