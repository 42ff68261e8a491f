"""Chooses of each item or user the row that stays. Free of Beam."""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.typed_batches import TypedBatch
from components.behavior_example_gen.reading.typed_tables import (
    attribute_features,
)
from components.behavior_example_gen.reading.typed_tables import find_untitled
from components.behavior_example_gen.table_config import TableConfig

KEYS = {"items": "item_id", "users": "user_id"}  # of tables with a row an id

SOURCE = "_source"  # of the file, for "the last table's row stays"
ORDER = "_order"  # place of the file, for "the first row stays"
LINE = "_line"  # for messages
_ROW = "_row"  # place of the row in the file, likewise as ORDER
PLACES = (SOURCE, ORDER, _ROW, LINE)


@dataclasses.dataclass(frozen=True)
class Choice:
    """What stays of a table.

    Attributes:
        rows: one of each id, without places.
        rejects: {reason: rows with their places}.
        num_replaced: rows that others know better, which is no fault.
    """

    rows: pa.Table
    rejects: dict[str, pa.Table]
    num_replaced: int


class RowChoice:
    """Keeps the row of the last table that knows an id.

    Within a table it is the first row, in the order of files and rows, and
    the others are rejects, unless the table is read from the events' files:
    there, the first row with a title counts.
    Rows of earlier tables are no faults: they are counted as replaced, and tell
    the columns that the later table does not map.
    """

    def __init__(self, dataset: DatasetConfig, table: str):
        """Takes all settings, and which table the rows are of."""
        self._table = table
        self._key = KEYS[table]
        self._mapped = [
            {*one.columns, *_list_attributes(one)}
            for one in dataset.list_tables(table)
        ]
        self._is_shared = np.array(dataset.list_shared(table))

    def choose(self, rows: pa.Table) -> Choice:
        """Chooses among rows.

        Args:
            rows: of `add_places`, those of an id side by side and in the order
                of their places.
        """
        rejects = {}
        num_replaced = 0
        if self._table == "items":
            is_blank, is_fault = find_untitled(rows)
            _put(rejects, "missing title", rows, is_fault)
            num_replaced += int((is_blank & ~is_fault).sum())
            rows = rows.filter(pa.array(~is_blank))
        is_same_id = _equal_to_next(rows[self._key])
        is_same_table = _equal_to_next(rows[SOURCE])
        # In each table the first row of an id stands for it ...
        is_repeat = np.append(False, is_same_id & is_same_table)[:-1]
        told = rows.filter(pa.array(~is_repeat))
        # ... and of these the last one stays.
        is_last = ~_equal_to_next(told[self._key])
        is_shared = self._is_shared[rows[SOURCE].to_numpy()]
        _put(rejects, f"duplicate {self._key}", rows, is_repeat & ~is_shared)
        num_replaced += int((~is_last).sum() + (is_repeat & is_shared).sum())
        return Choice(self._join(told, is_last), rejects, num_replaced)

    def _join(self, told: pa.Table, is_last: np.ndarray) -> pa.Table:
        """Makes one row of those that tables tell of an id."""
        last = np.flatnonzero(is_last)
        if not len(last):
            return told.drop_columns(PLACES)
        first = np.append(0, last[:-1] + 1)
        source = told[SOURCE].to_numpy()
        columns = {}
        for name in told.schema.names:
            if name in PLACES:
                continue
            is_mapped = np.array([name in one for one in self._mapped])[source]
            row = np.where(is_mapped, np.arange(len(source)), -1)
            row = np.maximum.reduceat(row, first)
            row = np.where(row < 0, last, row)
            columns[name] = told[name].take(pa.array(row))
        return pa.table(columns)


def add_places(batch: TypedBatch, file: InputFile) -> pa.Table:
    """Adds to the rows that passed where they stand."""
    table = batch.table
    num_rows = table.num_rows
    columns = (
        np.full(num_rows, file.source),
        np.full(num_rows, file.order),
        batch.places,
        batch.lines,
    )
    for name, column in zip(PLACES, columns, strict=True):
        table = table.append_column(name, pa.array(column))
    return table


def _put(
    rejects: dict[str, pa.Table],
    reason: str,
    rows: pa.Table,
    is_fault: np.ndarray,
) -> None:
    if is_fault.any():
        rejects[reason] = rows.filter(pa.array(is_fault))


def _list_attributes(table: TableConfig) -> Iterable[str]:
    if not isinstance(table, UsersConfig):
        return ()
    return (feature for feature, _ in attribute_features(table).values())


def _equal_to_next(column: pa.ChunkedArray) -> np.ndarray:
    """Tells which values are followed by the same one; bool `[N]`."""
    values = column.combine_chunks()
    if not len(values):
        return np.zeros(0, bool)
    same = pc.equal(values[1:], values[:-1])
    return np.append(same.to_numpy(zero_copy_only=False), False)
