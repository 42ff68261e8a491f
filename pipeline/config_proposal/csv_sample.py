"""Finds out how a text of rows and cells is written."""

import collections
import csv
import io
import re
from dataclasses import dataclass

from pipeline.config_proposal.role_names import is_known_name

_DELIMITERS = ("::", "\t", ";", ",", "|")  # the rarer in texts first
_NUM_LINES = 300  # by which the delimiter is chosen
_NUMBER = re.compile(r"\s*[+-]?\d+([.,:/-]\d+)*\s*")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w .:#-]{0,60}")
_STAND_IN = "\x1f"  # for a delimiter of several characters


@dataclass(frozen=True, kw_only=True)
class CsvForm:
    """How a file of rows is written, and the cells of its first rows.

    Attributes:
        delimiter: between two cells.
        has_quotes: whether quotes around a cell are no part of it.
        escape: what stands before a quote within quotes; None = a quote.
        has_header: whether the first line names the columns.
        names: of the columns; positions from 0 where there is no header.
        rows: cells as text, all of the same width.
    """

    delimiter: str
    has_quotes: bool
    escape: str | None
    has_header: bool
    names: list[str]
    rows: list[list[str]]


def read_csv_form(text: str) -> CsvForm | None:
    """Finds delimiter, quotes and header of a text.

    Args:
        text: whole lines.

    Returns:
        None where the lines have no two columns in common.
    """
    lines = text.splitlines()[:_NUM_LINES]
    delimiter = max(_DELIMITERS, key=lambda one: _rate_delimiter(lines, one))
    if _rate_delimiter(lines, delimiter) == 0:
        return None
    has_quotes = delimiter not in ("\t", "::") and '"' in text
    is_escaped = has_quotes and re.search(r'[^\\]\\"[^,;|\r\n]', text)
    escape = "\\" if is_escaped else None
    rows = _split(text, delimiter, has_quotes, escape)
    width = collections.Counter(map(len, rows)).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == width]
    has_header = _is_header(rows)
    names = (
        [name.strip() for name in rows[0]]
        if has_header
        else [str(place) for place in range(width)]
    )
    return CsvForm(
        delimiter=delimiter,
        has_quotes=has_quotes,
        escape=escape,
        has_header=has_header,
        names=names,
        rows=rows[1:] if has_header else rows,
    )


def _rate_delimiter(lines: list[str], delimiter: str) -> float:
    """Returns the share of lines with the usual number of cells, if > 1."""
    has_quotes = delimiter not in ("\t", "::")
    widths = collections.Counter(
        len(row)
        for row in _split("\n".join(lines), delimiter, has_quotes, None)
    )
    if not widths:
        return 0.0
    width, count = widths.most_common(1)[0]
    return count / widths.total() if width > 1 else 0.0


def _split(
    text: str, delimiter: str, has_quotes: bool, escape: str | None
) -> list[list[str]]:
    single = delimiter
    if len(delimiter) > 1:
        single = _STAND_IN
        text = text.replace(delimiter, single)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=single,
        quoting=csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE,
        escapechar=escape,
        doublequote=escape is None,
    )
    try:
        return [row for row in reader if row]
    except csv.Error:
        return []


def _is_header(rows: list[list[str]]) -> bool:
    """Tells names of columns from data."""
    first, rest = [cell.strip() for cell in rows[0]], rows[1:]
    if len(set(first)) < len(first) or not all(
        _IDENTIFIER.fullmatch(cell) for cell in first
    ):
        # An index that pandas has written has no name.
        named = [cell for cell in first if cell]
        if len(named) < len(first) - 1 or any(
            _NUMBER.fullmatch(cell) for cell in first
        ):
            return False
    if any(is_known_name(name) for name in first):
        return True
    # Names do not occur below, and stand over columns of numbers.
    below = [{row[place] for row in rest} for place in range(len(first))]
    if any(name in cells for name, cells in zip(first, below, strict=True)):
        return False
    return any(
        cells and all(_NUMBER.fullmatch(cell) for cell in cells if cell)
        for cells in below
    )
