"""Reads a file as typed rows, and names the rows that cannot be used."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading import readers
from components.behavior_example_gen.reading import typed_tables
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.raw_batch import RawBatch
from components.behavior_example_gen.reading.row_check import RowCheck
from components.behavior_example_gen.rejects import NO_FAULTS
from components.behavior_example_gen.rejects import Tally
from components.behavior_example_gen.table_config import TableConfig
from components.behavior_example_gen.tie_order import FILE_ORDER

_ROW_BITS = 40  # a file has fewer rows


@dataclasses.dataclass(frozen=True)
class TypedBatch:
    """Some rows of a file.

    Attributes:
        raw: as the file spells them.
        table: those that passed, typed.
        check: of all rows.
        num_before: how many rows of the file are in earlier batches.
    """

    raw: RawBatch
    table: pa.Table
    check: RowCheck
    num_before: int

    @property
    def num_read(self) -> int:
        """How many rows and bad lines there are."""
        return len(self.raw.lines) + len(self.raw.bad_lines)

    @property
    def lines(self) -> np.ndarray:
        """Line numbers of the rows in `table`; int64."""
        return self.raw.lines[self.check.passed()]

    @property
    def places(self) -> np.ndarray:
        """Places of the rows in `table` among those of the file; int64.

        Rows of a JSON array may share a line.
        """
        return self.num_before + np.flatnonzero(self.check.passed())

    def list_rejects(self) -> Iterator[tuple[int, str, str]]:
        """Yields (line, reason, row as text) of what is rejected."""
        for bad in self.raw.bad_lines:
            yield bad.line, bad.reason, bad.row
        for index, reason in self.check.failures(but=NO_FAULTS):
            line = int(self.raw.lines[index])
            yield line, reason, self.raw.row_text(index)

    def count_faults(
        self, path: str, is_shown: bool = True
    ) -> dict[str, Tally]:
        """Counts rejects and warnings by their reason.

        Args:
            path: of the file.
            is_shown: whether values may be told.
        """
        tallies = {}
        for bad in self.raw.bad_lines:
            first = tallies.get(bad.reason, Tally(0, f"{path}:{bad.line}"))
            tallies[bad.reason] = dataclasses.replace(
                first, count=first.count + 1
            )
        for faults, is_warning in (
            (self.check.rejects(), False),
            (self.check.warnings(), True),
        ):
            for one in faults:
                tallies[one.reason] = Tally(
                    one.count,
                    f"{path}:{self.raw.lines[one.row]}",
                    one.value if is_shown else "",
                    one.remedy,
                    is_warning,
                )
        return tallies


def read_typed_batches(
    file: InputFile, dataset: DatasetConfig, key: bytes | None
) -> Iterator[TypedBatch]:
    """Reads a file as the table that it belongs to.

    Args:
        file: of `list_files`.
        dataset: settings of all tables.
        key: replaces user ids by digests; None keeps them.

    Raises:
        ValueError: as `read_batches`.
    """
    config = dataset.list_tables(file.table)[file.source]
    is_shared = dataset.list_shared(file.table)[file.source]
    num_before = 0
    for raw in readers.read_batches(file, config, wanted_columns(config)):
        if file.table == "events":
            table, check = typed_tables.to_events(raw, config, key)
        elif file.table == "items":
            table, check = typed_tables.to_items(raw, config, is_shared)
        else:
            table, check = typed_tables.to_users(raw, config, key)
        batch = TypedBatch(raw, table, check, num_before)
        num_before += len(raw.lines)
        if getattr(config, "order", None) == "file":
            order = (file.order << _ROW_BITS) + batch.places
            table = table.append_column(FILE_ORDER, pa.array(order))
            batch = dataclasses.replace(batch, table=table)
        yield batch


def wanted_columns(config: TableConfig) -> list[str]:
    """Returns the file columns a table's mapping names, each once."""
    wanted = dict.fromkeys(config.columns.values())
    if getattr(config, "negatives", None):
        wanted[config.negatives] = None
    for group in ("attributes", "sensitive"):
        wanted |= dict.fromkeys(getattr(config, group, ()))
    return list(wanted)
