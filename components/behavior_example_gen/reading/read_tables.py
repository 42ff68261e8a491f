"""Beam steps that read files into typed, hashed, packed tables."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam import pvalue

from components.behavior_example_gen import partitions
from components.behavior_example_gen import rejects
from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.pseudonyms import load_key
from components.behavior_example_gen.reading import typed_batches
from components.behavior_example_gen.reading.typed_batches import TypedBatch
from components.behavior_example_gen.rejects import Tally
from components.behavior_example_gen.row_choice import add_places
from schemas import events as names

EVENTS = "events"  # (partition, Arrow IPC bytes)
ITEMS = "items"  # (0, Arrow IPC bytes)
USERS = "users"  # (partition, Arrow IPC bytes)
REJECTS = "rejects"  # (0, lines of rejects.jsonl)
TALLIES = "tallies"  # {(table, reason): Tally}


class ReadTables(beam.PTransform):
    """Reads all tables.

    Input: InputFile.
    Output: PCollections by the tags above. Rows travel as packed columns,
        one batch per partition, never as an object per row.
    """

    def __init__(self, dataset: DatasetConfig, num_partitions: int):
        super().__init__()
        self._dataset = dataset
        self._num_partitions = num_partitions

    def expand(self, files):
        return (
            files
            | "SpreadFiles" >> beam.Reshuffle()
            | "ReadFile"
            >> beam.ParDo(
                _ReadFile(self._dataset, self._num_partitions)
            ).with_outputs(ITEMS, USERS, REJECTS, TALLIES, main=EVENTS)
        )


class _ReadFile(beam.DoFn):
    def __init__(self, dataset: DatasetConfig, num_partitions: int):
        self._dataset = dataset
        self._num_partitions = num_partitions
        self._key = None

    def setup(self):
        self._key = load_key(self._dataset.pseudonymise_key_file)

    def process(self, file) -> Iterator[tuple[int, bytes]]:
        for batch in typed_batches.read_typed_batches(
            file, self._dataset, self._key
        ):
            yield from self._emit_rejects(file, batch)
            yield from self._emit_table(file, batch)

    def _emit_table(self, file, batch: TypedBatch):
        table = batch.table
        if file.table == EVENTS:
            yield from partitions.split_by_hash(
                table, names.USER_ID, self._num_partitions
            )
            return
        table = add_places(batch, file)
        if file.table == ITEMS:
            yield pvalue.TaggedOutput(ITEMS, (0, partitions.to_bytes(table)))
            return
        for part in partitions.split_by_hash(
            table, names.USER_ID, self._num_partitions
        ):
            yield pvalue.TaggedOutput(USERS, part)

    def _emit_rejects(self, file, batch: TypedBatch):
        text = [
            rejects.format_reject(
                file.table, file.path, line, reason, "" if self._key else row
            )
            for line, reason, row in batch.list_rejects()
        ]
        if text:
            yield pvalue.TaggedOutput(REJECTS, (0, "\n".join(text)))
        tallies = batch.count_faults(file.path, is_shown=self._key is None)
        tallies[rejects.READ] = Tally(batch.num_read)
        yield pvalue.TaggedOutput(
            TALLIES,
            {(file.table, reason): tally for reason, tally in tallies.items()},
        )
