"""Reads a table as ingest does, up to a number of rows."""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from components.behavior_example_gen import histories
from components.behavior_example_gen import rejects
from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.typed_batches import TypedBatch
from components.behavior_example_gen.reading.typed_batches import (
    read_typed_batches,
)
from components.behavior_example_gen.reading.typed_tables import find_untitled
from components.behavior_example_gen.rejects import Tally

_KEYS = {"items": "item_id", "users": "user_id"}  # of tables with a row an id


@dataclasses.dataclass(kw_only=True)
class TableContent:
    """What a table holds.

    Attributes:
        name: events, items or users.
        files: those that belong to it.
        rows: those that ingest would use, typed.
        tallies: {(table, reason): Tally}, as ingest counts.
        examples: one row, as text, of each reason.
        is_cut: there are more rows than were read.
        shows_rows: whether messages may quote them.
    """

    name: str
    files: list[InputFile]
    rows: pa.Table | None = None
    tallies: dict[tuple[str, str], Tally] = dataclasses.field(
        default_factory=dict
    )
    examples: dict[str, str] = dataclasses.field(default_factory=dict)
    is_cut: bool = False
    shows_rows: bool = True

    @property
    def counts(self) -> dict:
        """Rows `read`, `used`, and `rejected` by reason."""
        nothing = {"read": 0, "used": 0, "rejected": {}}
        return rejects.count_rows(self.tallies).get(self.name, nothing)


def read_content(
    dataset: DatasetConfig,
    name: str,
    files: Iterable[InputFile],
    max_rows: int,
) -> TableContent:
    """Reads the files of a table.

    Args:
        dataset: settings of all tables.
        name: events, items or users.
        files: of `list_files`.
        max_rows: about how many rows are read.

    Raises:
        ValueError: a file is not what its settings say.
    """
    content = TableContent(
        name=name,
        files=[one for one in files if one.table == name],
        shows_rows=dataset.pseudonymise_key_file is None,
    )
    parts = []
    num_read = 0
    for file in content.files:
        for batch in read_typed_batches(file, dataset, None):
            if num_read >= max_rows:
                content.is_cut = True
                break
            num_read += batch.num_read
            _count(content, file, batch)
            parts.append(_place(batch, file))
    if parts:
        rows = pa.concat_tables(parts, promote_options="default")
        if name == "events":
            content.rows = _drop_repeats(content, rows, dataset)
        else:
            shared = np.array(dataset.list_shared(name))
            content.rows = _keep_first(content, rows, shared)
    return content


def _count(content: TableContent, file: InputFile, batch: TypedBatch) -> None:
    found = batch.count_faults(file.path, content.shows_rows)
    found[rejects.READ] = Tally(batch.num_read)
    _add(content, found)
    if content.shows_rows:
        for _, reason, row in batch.list_rejects():
            content.examples.setdefault(reason, row)


def _add(content: TableContent, found: dict[str, Tally]) -> None:
    named = {(content.name, reason): one for reason, one in found.items()}
    content.tallies = rejects.add_tallies([content.tallies, named])


def _place(batch: TypedBatch, file: InputFile) -> pa.Table:
    """Adds where rows come from, for tables that keep one row of an id."""
    if file.table not in _KEYS:
        return batch.table
    sources = pa.array(np.full(batch.table.num_rows, file.source))
    paths = pa.array([file.path] * batch.table.num_rows, pa.string())
    table = batch.table.append_column("_source", sources)
    table = table.append_column("_path", paths)
    return table.append_column("_line", pa.array(batch.lines))


def _drop_repeats(
    content: TableContent, rows: pa.Table, dataset: DatasetConfig
) -> pa.Table:
    """Keeps one row of each event, as ingest does, and counts the others."""
    if dataset.events.order != "time":
        return rows
    is_repeat = histories.find_repeats(rows)
    if num_repeats := int(is_repeat.sum()):
        _add(content, {rejects.REPEATS: Tally(num_repeats)})
    return rows.filter(pa.array(~is_repeat))


def _drop_untitled(content: TableContent, items: pa.Table) -> pa.Table:
    """Drops rows without a title, which tables of events may have."""
    is_blank, is_fault = find_untitled(items)
    found = {}
    if faults := np.flatnonzero(is_fault).tolist():
        where = _find_place(items, faults[0])
        found["missing title"] = Tally(len(faults), where)
    if num_replaced := int((is_blank & ~is_fault).sum()):
        found[rejects.REPLACED] = Tally(num_replaced)
    _add(content, found)
    return items.filter(pa.array(~is_blank))


def _find_place(rows: pa.Table, row: int) -> str:
    path, line = (rows[name][row].as_py() for name in ("_path", "_line"))
    return f"{path}:{line}"


def _keep_first(
    content: TableContent, rows: pa.Table, shared: np.ndarray
) -> pa.Table:
    """Keeps one row of each id, as `KeepOne` of ingest does, and counts."""
    key = _KEYS[content.name]
    if content.name == "items":
        rows = _drop_untitled(content, rows)
    codes = rows[key].combine_chunks().dictionary_encode().indices.to_numpy()
    source = rows["_source"].to_numpy()
    # In each table the first row of an id stands for it ...
    pairs = codes.astype(np.int64) * (source.max(initial=0) + 1) + source
    is_told = np.zeros(len(codes), bool)
    is_told[np.unique(pairs, return_index=True)[1]] = True
    is_shared = shared[source]
    repeats = np.flatnonzero(~is_told & ~is_shared)
    found = {}
    if len(repeats):
        where = _find_place(rows, int(repeats[0]))
        found[f"duplicate {key}"] = Tally(len(repeats), where)
    # ... and of these the one of the last table stays.
    told = np.flatnonzero(is_told)
    order = told[np.lexsort((source[told], codes[told]))]
    is_last = np.append(np.diff(codes[order]) != 0, True)[: len(order)]
    num_replaced = int((~is_last).sum() + (~is_told & is_shared).sum())
    if num_replaced:
        found[rejects.REPLACED] = Tally(num_replaced)
    _add(content, found)
    kept = rows.take(pa.array(np.sort(order[is_last])))
    return kept.drop_columns(["_source", "_path", "_line"])
