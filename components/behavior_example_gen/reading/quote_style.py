"""Notices quotes that are written in another way than they are read."""

import re

from components.behavior_example_gen.reading.csv_layout import Dialect
from components.behavior_example_gen.table_config import TableConfig

_SHOWN = 60  # bytes of a cell


def find_backslash(
    text: bytes, table: TableConfig, dialect: Dialect
) -> bytes | None:
    r"""Returns a quoted cell with a backslash before a quote within.

    Without `escape` the quote ends the cell: `"The \"Best\""` would read
    The \Best\"". A writer that doubles quotes leaves such a pair before a
    doubled quote or the end of the cell alone.
    """
    if table.escape or not dialect.has_quotes or b'\\"' not in text:
        return None
    delimiter = re.escape(dialect.stands_for.encode())
    found = re.search(
        rb'(?:^|[\r\n]|%b)("[^"\\]*\\"[^"\r\n])(?<!%b)'
        % (delimiter, delimiter),
        text,
    )
    return found and text[found.start(1) :][:_SHOWN].splitlines()[0]


def find_quoted(
    text: bytes, table: TableConfig, dialect: Dialect
) -> bytes | None:
    """Returns a cell with doubled quotes where none are expected.

    `.tsv` files go without quotes unless `quoting` is set; pandas writes
    `"Say ""Hi"" now"`, which is no way to write those words without.
    """
    if table.quoting or dialect.has_quotes or b'""' not in text:
        return None
    delimiter = re.escape(dialect.stands_for.encode())
    sign = rb"[^\"\r\n%b]" % delimiter
    found = re.search(
        rb'(?:^|[\r\n]|%b)("%b*(?:""%b*)+")(?=[\r\n]|%b|$)'
        % (delimiter, sign, sign, delimiter),
        text,
    )
    return found and found[1][:_SHOWN]
