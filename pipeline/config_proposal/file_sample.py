"""The first rows of a file, and how it is written."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import pyarrow.parquet as arrow_parquet

from components.behavior_example_gen.reading.file_access import open_file
from components.behavior_example_gen.reading.text_blocks import open_unpacked
from components.behavior_example_gen.table_config import TableConfig
from pipeline.config_proposal.csv_sample import CsvForm
from pipeline.config_proposal.csv_sample import read_csv_form
from pipeline.config_proposal.json_sample import read_json_rows
from pipeline.config_proposal.setting import Setting

_NUM_BYTES = 8 << 20  # of a text, unpacked
_MAX_ROWS = 20_000
_PARQUET = b"PAR1"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, kw_only=True)
class FileSample:
    """What was seen of a file.

    Attributes:
        path: as it was given.
        settings: what a config must say of how it is written.
        columns: cells by name, or by position from 0; None = missing.
        num_rows: how many were looked at.
        is_whole: whether these are all.
        is_named: whether the columns have names.
    """

    path: str
    settings: list[Setting] = field(default_factory=list)
    columns: dict[str, list[Any]]
    num_rows: int
    is_whole: bool
    is_named: bool = True


def read_sample(path: str) -> FileSample:
    """Reads the beginning of a file of any format that ingest reads.

    Raises:
        ValueError: it is of no such format; the message says what it is.
        OSError: it cannot be read.
    """
    with open_file(path) as stream:
        begin = stream.read(len(_PARQUET))
    if begin == _PARQUET:
        return _read_parquet(path)
    with open_unpacked(path) as stream:
        raw = stream.read(_NUM_BYTES + 1)
    is_whole = len(raw) <= _NUM_BYTES
    if not raw.strip():
        raise ValueError(f"a file must hold rows. Received: {path} is empty.")
    text, encoding = _decode(raw)
    if not is_whole:
        text = text.rpartition("\n")[0] or text
    if text.lstrip()[:1] in ("{", "["):
        return _read_json(path, text, is_whole, encoding)
    form = read_csv_form(text)
    if form is None:
        raise ValueError(
            "a file must be CSV, JSON or Parquet, with two columns at least. "
            f"Received: {path}, whose lines have no delimiter in common."
        )
    return _from_csv(path, form, is_whole, encoding)


def _decode(raw: bytes) -> tuple[str, list[Setting]]:
    if raw.startswith(_UTF_16):
        return raw.decode("utf-16", errors="ignore"), []
    try:
        # The sample may end within a character.
        return raw[: len(raw) - _count_torn(raw)].decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        text = raw.decode("latin-1")
        word = text[max(error.start - 12, 0) : error.start + 12].split("\n")
        shown = max(word, key=len).strip()
        why = f"it is no UTF-8; so read it says {shown!r}: is that right?"
        return text, [Setting("encoding", "latin-1", why)]


def _count_torn(raw: bytes) -> int:
    """Returns how many bytes at the end begin a character that is cut off."""
    for count in range(1, min(4, len(raw)) + 1):
        byte = raw[-count]
        if byte >= 0xC0:
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return count if length > count else 0
        if byte < 0x80:
            return 0
    return 0


def _read_parquet(path: str) -> FileSample:
    with open_file(path) as stream:
        file = arrow_parquet.ParquetFile(stream)
        batches = file.iter_batches(_MAX_ROWS)
        batch = next(batches, None)
        columns = {} if batch is None else batch.to_pydict()
        num_rows = 0 if batch is None else batch.num_rows
        num_all = file.metadata.num_rows
    return FileSample(
        path=path,
        settings=_name_format(path, "parquet"),
        columns=columns,
        num_rows=num_rows,
        is_whole=num_rows == num_all,
    )


def _read_json(
    path: str, text: str, is_whole: bool, encoding: list[Setting]
) -> FileSample:
    rows = read_json_rows(text)
    if not rows:
        raise ValueError(
            "JSON must be objects, one a line or in one array. Received: "
            f"{path}, which is no such list. Write one object for each event "
            "or item."
        )
    names = dict.fromkeys(itertools.chain.from_iterable(rows))
    return FileSample(
        path=path,
        settings=[*_name_format(path, "jsonl"), *encoding],
        columns={name: [row.get(name) for row in rows] for name in names},
        num_rows=len(rows),
        is_whole=is_whole and len(rows) < _MAX_ROWS,
    )


def _from_csv(
    path: str, form: CsvForm, is_whole: bool, encoding: list[Setting]
) -> FileSample:
    settings = [*_name_format(path, "csv"), *encoding]
    table = TableConfig(path=path, format="csv")
    if form.delimiter != table.cell_delimiter():
        settings.append(
            Setting("delimiter", form.delimiter, "it divides all lines alike")
        )
        table = TableConfig(path=path, format="csv", delimiter=form.delimiter)
    if form.has_quotes and not table.has_quotes():
        settings.append(Setting("quoting", "standard", "cells are quoted"))
    elif form.delimiter == "\t" and table.has_quotes():
        why = "of cells between tabs, quotes are usually a part"
        settings.append(Setting("quoting", "none", why))
    if form.escape:
        why = f'quotes within quotes are written {form.escape}"'
        settings.append(Setting("escape", form.escape, why))
    if not form.has_header:
        why = "the first line is data: columns are positions, from 0"
        settings.append(Setting("header", "none", why))
    rows = form.rows[:_MAX_ROWS]
    cells = zip(*rows, strict=True) if rows else [()] * len(form.names)
    columns = {
        name: [cell.strip() or None for cell in column]
        for name, column in zip(form.names, cells, strict=True)
        if name
    }
    return FileSample(
        path=path,
        settings=settings,
        columns=columns,
        num_rows=len(rows),
        is_whole=is_whole and len(rows) == len(form.rows),
        is_named=form.has_header,
    )


def _name_format(path: str, form: str) -> Sequence[Setting]:
    try:
        if TableConfig(path=path).file_format() == form:
            return []
    except ValueError:
        pass  # the suffix tells nothing
    suffix = "".join(Path(path).suffixes) or "no suffix"
    return [Setting("format", form, f"{suffix} does not tell it")]
