"""Keeps one row of each item or user."""

import json
from collections.abc import Iterable
from collections.abc import Iterator

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam import pvalue

from components.behavior_example_gen import partitions
from components.behavior_example_gen import rejects
from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.read_tables import LINE
from components.behavior_example_gen.reading.read_tables import ORDER
from components.behavior_example_gen.reading.read_tables import REJECTS
from components.behavior_example_gen.reading.read_tables import ROW
from components.behavior_example_gen.reading.read_tables import SOURCE
from components.behavior_example_gen.reading.read_tables import TALLIES
from components.behavior_example_gen.reading.typed_tables import (
    attribute_features,
)
from components.behavior_example_gen.reading.typed_tables import find_untitled
from components.behavior_example_gen.rejects import Tally
from components.behavior_example_gen.table_config import TableConfig
from schemas import events as names

_PLACES = (SOURCE, ORDER, ROW, LINE)


class KeepOne(beam.DoFn):
    """Keeps the row of the last table that knows an id.

    Within a table it is the first row, in the order of files and rows, and
    the others are rejects, unless the table is read from the events' files:
    there, the first row with a title counts.
    Rows of earlier tables are no faults: they are counted as replaced, and tell
    the columns that the later table does not map.

    Input: (key, iterable of packed tables).
    Output: (key, table sorted by id as Arrow IPC bytes); REJECTS, TALLIES.
    """

    def __init__(
        self,
        dataset: DatasetConfig,
        table: str,
        column: str,
        files: list[InputFile],
    ):
        self._table = table
        self._column = column
        self._paths = [one.path for one in files if one.table == table]
        self._mapped = [
            {*one.columns, *_list_attributes(one)}
            for one in dataset.list_tables(table)
        ]
        self._is_shared = np.array(dataset.list_shared(table))

    def process(self, element) -> Iterator[tuple[int, bytes]]:
        key, parts = element
        table = partitions.from_bytes(list(parts)).sort_by(
            [(one, "ascending") for one in (self._column, *_PLACES)]
        )
        if self._table == "items":
            is_blank, is_fault = find_untitled(table)
            untitled = table.filter(pa.array(is_fault))
            yield from self._tell_rejects(untitled, "missing title")
            yield from self._tell_replaced(is_blank & ~is_fault)
            table = table.filter(pa.array(~is_blank))
        if not table.num_rows:
            return  # all rows were rejected
        is_same_id = _equal_to_next(table[self._column])
        is_same_table = _equal_to_next(table[SOURCE])
        # In each table the first row of an id stands for it ...
        is_repeat = np.append(False, (is_same_id & is_same_table)[:-1])
        told = table.filter(pa.array(~is_repeat))
        # ... and of these the last one stays.
        is_last = ~_equal_to_next(told[self._column])
        yield key, partitions.to_bytes(self._join(told, is_last))
        is_shared = self._is_shared[table[SOURCE].to_numpy()]
        is_fault = is_repeat & ~is_shared
        yield from self._tell_rejects(
            table.filter(pa.array(is_fault)), f"duplicate {self._column}"
        )
        yield from self._tell_replaced(~is_last)
        yield from self._tell_replaced(is_repeat & is_shared)

    def _join(self, told: pa.Table, is_last: np.ndarray) -> pa.Table:
        """Makes one row of those that tables tell of an id."""
        last = np.flatnonzero(is_last)
        if not len(last):
            return told.drop_columns(_PLACES)
        first = np.append(0, last[:-1] + 1)
        source = told[SOURCE].to_numpy()
        columns = {}
        for name in told.schema.names:
            if name in _PLACES:
                continue
            is_mapped = np.array([name in one for one in self._mapped])[source]
            row = np.where(is_mapped, np.arange(len(source)), -1)
            row = np.maximum.reduceat(row, first)
            row = np.where(row < 0, last, row)
            columns[name] = told[name].take(pa.array(row))
        return pa.table(columns)

    def _tell_replaced(
        self, is_replaced: np.ndarray
    ) -> Iterator[pvalue.TaggedOutput]:
        if num_replaced := int(is_replaced.sum()):
            tally = Tally(num_replaced)
            yield pvalue.TaggedOutput(
                TALLIES, {(self._table, rejects.REPLACED): tally}
            )

    def _tell_rejects(
        self, faulty: pa.Table, reason: str
    ) -> Iterator[pvalue.TaggedOutput]:
        for row in faulty.to_pylist():
            del row[SOURCE], row[ROW]
            path, line = self._paths[row.pop(ORDER)], row.pop(LINE)
            text = ""  # of a person nothing but file and line
            if self._column != names.USER_ID:
                text = json.dumps(row, ensure_ascii=False)
            reject = rejects.format_reject(
                self._table, path, line, reason, text
            )
            yield pvalue.TaggedOutput(REJECTS, (0, reject))
            tally = Tally(1, f"{path}:{line}")
            yield pvalue.TaggedOutput(TALLIES, {(self._table, reason): tally})


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
