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
from components.behavior_example_gen.rejects import Tally
from components.behavior_example_gen.row_choice import KEYS
from components.behavior_example_gen.row_choice import LINE
from components.behavior_example_gen.row_choice import ORDER
from components.behavior_example_gen.row_choice import SOURCE
from components.behavior_example_gen.row_choice import RowChoice
from components.behavior_example_gen.row_choice import add_places


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
            parts.append(
                add_places(batch, file) if name in KEYS else batch.table
            )
    if parts:
        rows = pa.concat_tables(parts, promote_options="default")
        if name == "events":
            content.rows = _drop_repeats(content, rows, dataset)
        else:
            content.rows = _keep_one(content, rows, dataset)
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


def _keep_one(
    content: TableContent, rows: pa.Table, dataset: DatasetConfig
) -> pa.Table:
    """Keeps one row of each id, as ingest does, and counts the others."""
    ids = rows[KEYS[content.name]].combine_chunks().dictionary_encode()
    # Rows are in the order of their places within a source.
    order = np.lexsort((rows[SOURCE].to_numpy(), ids.indices.to_numpy()))
    choice = RowChoice(dataset, content.name)
    chosen = choice.choose(rows.take(pa.array(order)))
    found = {
        reason: Tally(faulty.num_rows, _find_first(content, faulty))
        for reason, faulty in chosen.rejects.items()
    }
    if chosen.num_replaced:
        found[rejects.REPLACED] = Tally(chosen.num_replaced)
    _add(content, found)
    return chosen.rows


def _find_first(content: TableContent, rows: pa.Table) -> str:
    order, line = (rows[name].to_numpy() for name in (ORDER, LINE))
    first = np.lexsort((line, order))[0]
    return f"{content.files[order[first]].path}:{line[first]}"
