"""Keeps one row of each item or user."""

import json
from collections.abc import Iterator

import apache_beam as beam
import pyarrow as pa
from apache_beam import pvalue

from components.behavior_example_gen import partitions
from components.behavior_example_gen import rejects
from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.read_tables import REJECTS
from components.behavior_example_gen.reading.read_tables import TALLIES
from components.behavior_example_gen.rejects import Tally
from components.behavior_example_gen.row_choice import KEYS
from components.behavior_example_gen.row_choice import LINE
from components.behavior_example_gen.row_choice import ORDER
from components.behavior_example_gen.row_choice import PLACES
from components.behavior_example_gen.row_choice import RowChoice
from schemas import events as names


class KeepOne(beam.DoFn):
    """Keeps the row that `RowChoice` chooses.

    Input: (key, iterable of packed tables).
    Output: (key, table sorted by id as Arrow IPC bytes); REJECTS, TALLIES.
    """

    def __init__(
        self, dataset: DatasetConfig, table: str, files: list[InputFile]
    ):
        self._table = table
        self._column = KEYS[table]
        self._paths = [one.path for one in files if one.table == table]
        self._choice = RowChoice(dataset, table)

    def process(self, element) -> Iterator[tuple[int, bytes]]:
        key, parts = element
        table = partitions.from_bytes(list(parts)).sort_by(
            [(one, "ascending") for one in (self._column, *PLACES)]
        )
        chosen = self._choice.choose(table)
        if chosen.rows.num_rows:
            yield key, partitions.to_bytes(chosen.rows)
        for reason, faulty in chosen.rejects.items():
            yield from self._tell_rejects(faulty, reason)
        if chosen.num_replaced:
            tally = Tally(chosen.num_replaced)
            yield pvalue.TaggedOutput(
                TALLIES, {(self._table, rejects.REPLACED): tally}
            )

    def _tell_rejects(
        self, faulty: pa.Table, reason: str
    ) -> Iterator[pvalue.TaggedOutput]:
        for row in faulty.to_pylist():
            path, line = self._paths[row[ORDER]], row[LINE]
            text = ""  # of a person nothing but file and line
            if self._column != names.USER_ID:
                content = {
                    name: row[name] for name in row if name not in PLACES
                }
                text = json.dumps(content, ensure_ascii=False)
            reject = rejects.format_reject(
                self._table, path, line, reason, text
            )
            yield pvalue.TaggedOutput(REJECTS, (0, reject))
            tally = Tally(1, f"{path}:{line}")
            yield pvalue.TaggedOutput(TALLIES, {(self._table, reason): tally})
