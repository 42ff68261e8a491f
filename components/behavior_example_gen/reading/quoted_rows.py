"""Tells cells that span lines from stray quotes that swallow rows.

A quote that begins a cell but was not written to quote it (`"Foo`) makes one
cell of all that follows up to the next quote, and often one row of the right
width. Such a quote shows itself: no other one ends the cell, or the cell goes
on behind its end, or most lines within are rows themselves.
"""

import collections
import csv
import dataclasses
import itertools
import re
from collections.abc import Callable

import numpy as np

from components.behavior_example_gen.reading.csv_layout import QUOTE
from components.behavior_example_gen.reading.csv_layout import Dialect

_MAX_LINES = 1000  # of one row
_SAMPLE = 200  # rows from which the forms of cells are learnt
_MOST = 0.8  # of them; some are no rows
_SOME = 0.05  # shapes that are rarer are of lines that are no rows
_MANY_SHAPES = 8  # then another one is no surprise
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_RUNS = (
    (re.compile("[0-9]+"), "9"),
    (re.compile("[a-z]+"), "a"),
    (re.compile("[A-Z]+"), "A"),
)


@dataclasses.dataclass(frozen=True)
class Rows:
    """Where the rows of a text are.

    Attributes:
        text: the lines of rows.
        starts: int64, the line at which each row begins, from 0.
        stray: (line, text) of lines with a stray quote, which are no rows.
        num_lines: how many lines rows and stray quotes take; those behind
            are the beginning of a row.
    """

    text: bytes
    starts: np.ndarray
    stray: list[tuple[int, bytes]]
    num_lines: int


def find_rows(
    text: bytes, dialect: Dialect, num_columns: int, is_last: bool
) -> Rows:
    """Finds the rows of whole lines.

    Args:
        text: lines; the first one begins a row.
        dialect: how cells are told apart.
        num_columns: of a row.
        is_last: does the file end with the text?

    Returns:
        Rows. Behind a line with a stray quote, rows are looked for again.
    """
    rows = _find_well_formed(text, dialect, num_columns, is_last)
    return rows or _find_each(text, dialect, num_columns, is_last)


def _find_well_formed(
    text: bytes, dialect: Dialect, num_columns: int, is_last: bool
) -> Rows | None:
    """Returns the rows of a text whose quotes are all as RFC 4180 has them.

    There, what an odd number of quotes precedes is within a cell.
    """
    if dialect.escape or text.count(b"\r") != text.count(b"\r\n"):
        return None
    ended = text if text.endswith(b"\n") else text + b"\n"
    data = np.frombuffer(ended, np.uint8)
    quotes = np.flatnonzero(data == ord(QUOTE))
    breaks = np.flatnonzero(data == ord("\n"))
    bounds = [ord(sign) for sign in ("\n", "\r", QUOTE, dialect.delimiter)]
    # Before the first byte stands, at -1, the last line break.
    is_well_formed = (
        np.isin(data[quotes[::2] - 1], bounds).all()
        and np.isin(data[quotes[1::2] + 1], bounds).all()
    )
    ends = np.flatnonzero(np.searchsorted(quotes, breaks) % 2 == 0)
    if not is_well_formed or not len(ends):
        return None
    num_lines = int(ends[-1]) + 1
    num_left = len(breaks) - num_lines
    starts = np.append(0, ends[:-1] + 1)
    num_more = ends - starts  # lines of a row behind its first
    if num_left >= _MAX_LINES or num_more.max() >= _MAX_LINES:
        return None
    if is_last and num_left:
        return None
    delimiters = np.flatnonzero(data == ord(dialect.delimiter))
    widths = np.diff(np.searchsorted(delimiters, breaks), prepend=0) + 1
    num_wide = np.cumsum(widths == num_columns)
    num_wide = num_wide[ends] - num_wide[starts]
    may_be_rows = (num_more > 0) & (2 * num_wide >= num_more)
    if may_be_rows.any():
        lines = [line.decode("latin-1") for line in text.splitlines(True)]
        forms = _Forms(lines, dialect, num_columns)
        for row in np.flatnonzero(may_be_rows):
            if forms.are_rows(starts[row], ends[row] + 1):
                return None
    whole = text[: breaks[num_lines - 1] + 1]
    return Rows(whole, starts.astype(np.int64), [], num_lines)


def _find_each(
    text: bytes, dialect: Dialect, num_columns: int, is_last: bool
) -> Rows:
    encoded = text.splitlines(keepends=True)
    # As Latin-1 any byte is a character.
    lines = [line.decode("latin-1") for line in encoded]
    marks = QUOTE + (dialect.escape or "")
    forms = None
    starts = []
    stray = []
    place = 0
    while place < len(lines):
        length = 1
        if any(mark in lines[place] for mark in marks):
            length = _count_lines(lines[place : place + 1], dialect)
        if length > 1:
            available = lines[place : place + _MAX_LINES]
            length = _count_lines(available, dialect)
            is_open = length > len(available)
            if is_open and len(available) < _MAX_LINES and not is_last:
                break
            forms = forms or _Forms(lines, dialect, num_columns)
            if (
                is_open
                or _is_malformed(available[:length], dialect)
                or forms.are_rows(place, place + length)
            ):
                stray.append((place, encoded[place]))
                place += 1
                continue
        starts.append(place)
        place += length
    dropped = {line for line, _ in stray}
    kept = [
        line for at, line in enumerate(encoded[:place]) if at not in dropped
    ]
    return Rows(b"".join(kept), np.array(starts, np.int64), stray, place)


def ends_open(text: bytes, dialect: Dialect) -> bool:
    """Tells whether the row of the last line goes on behind it."""
    end = len(text.rstrip(b"\r\n"))
    begin = max(text.rfind(b"\n", 0, end), text.rfind(b"\r", 0, end)) + 1
    line = text[begin:].decode("latin-1")
    return _count_lines([line], dialect) > 1


def _count_lines(lines: list[str], dialect: Dialect) -> int:
    """Returns how many lines the first row takes; one more if it is open."""
    reader = dialect.read(itertools.chain(lines, [QUOTE]))
    next(reader)
    return reader.line_num


def _is_malformed(lines: list[str], dialect: Dialect) -> bool:
    try:
        collections.deque(dialect.read(iter(lines), strict=True), maxlen=0)
    except csv.Error:
        return True
    return False


class _Forms:
    """What the cells of each column look like, so that rows are known.

    A description may go on with a line of as many commas as a row has; it
    seldom begins with an id and a number where rows do.
    """

    def __init__(self, lines: list[str], dialect: Dialect, num_columns: int):
        self._dialect = dialect
        self._lines = lines
        sample = []
        reader = dialect.read(iter(lines))
        begin = 0
        for _ in itertools.islice(reader, _SAMPLE):
            first = self._split(lines[begin])
            sample.append(list(itertools.takewhile(_is_whole, first)))
            begin = reader.line_num
        self._tests = [
            _find_test([row[place] for row in sample if place < len(row)])
            for place in range(num_columns)
        ]

    def are_rows(self, begin: int, end: int) -> bool:
        """Tells whether half of the lines behind the first one are rows.

        So they are, too, where the cell that spans them should be a number.

        Args:
            begin: the line at which the row to judge begins.
            end: the line behind it.
        """
        first, *rest = self._lines[begin:end]
        open_place = len(next(self._dialect.read(iter([first])))) - 1
        if self._tests[min(open_place, len(self._tests) - 1)] is _is_number:
            return True
        num_rows = sum(map(self._is_row, rest))
        return len(self._tests) > 1 and 2 * num_rows >= len(rest)

    def _is_row(self, line: str) -> bool:
        cells = line.rstrip("\r\n").split(self._dialect.delimiter)
        if len(cells) != len(self._tests):
            return False
        fits = [
            not cell or is_fit(_without_end(cell))
            for is_fit, cell in zip(self._tests, cells, strict=True)
            if is_fit is not _is_anything
        ]
        # Of as many for it as against it, the first, often an id, decides.
        return not fits or 2 * sum(fits) + fits[0] > len(fits)

    def _split(self, line: str) -> list[str]:
        return line.rstrip("\r\n").split(self._dialect.delimiter)


def _find_test(sample: list[str]) -> Callable[[str], bool]:
    """Returns what tells a cell of a column from other text."""
    known = [_without_end(cell) for cell in sample if cell]
    if _is_most(known, _is_number):
        return _is_number
    if not known or not all(map(_is_token, known)):
        return _is_anything
    counts = collections.Counter(map(_find_shape, known))
    shapes = {one for one in counts if counts[one] >= _SOME * len(known)}
    if len(shapes) > _MANY_SHAPES or not _is_most(known, _has_digit):
        return _is_token
    return lambda cell: _find_shape(cell) in shapes


def _is_most(cells: list[str], test) -> bool:
    return bool(cells) and sum(map(test, cells)) >= _MOST * len(cells)


def _is_whole(cell: str) -> bool:
    """Tells whether no quote is open behind a cell."""
    return not cell.startswith(QUOTE) or cell[1:].endswith(QUOTE)


def _without_end(cell: str) -> str:
    """Returns the cell without the quote that ends the one to judge."""
    if cell.endswith(QUOTE) and not cell[:-1].startswith(QUOTE):
        return cell[:-1]
    return cell


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell))


def _is_anything(cell: str) -> bool:
    del cell
    return True


def _has_digit(cell: str) -> bool:
    return any(sign.isdecimal() for sign in cell)


def _is_token(cell: str) -> bool:
    return not re.search(r"\s", cell)


def _find_shape(cell: str) -> str:
    """Returns `A9-a` for B000-xyz."""
    for runs, sign in _RUNS:
        cell = runs.sub(sign, cell)
    return cell
