"""The columns of one batch by their roles, typed."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import ItemsConfig
from components.behavior_example_gen.reading.columns.categories import to_lists
from components.behavior_example_gen.reading.columns.categories import (
    warn_of_separator,
)
from components.behavior_example_gen.reading.columns.html_text import (
    read_html_column,
)
from components.behavior_example_gen.reading.columns.ids import to_ids
from components.behavior_example_gen.reading.columns.numbers import to_numbers
from components.behavior_example_gen.reading.columns.plain_cells import (
    join_texts,
)
from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.columns.plain_cells import to_plain
from components.behavior_example_gen.reading.columns.times import (
    to_microseconds,
)
from components.behavior_example_gen.reading.columns.vectors import to_vectors
from components.behavior_example_gen.reading.raw_batch import RawBatch
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck
from components.behavior_example_gen.table_config import TableConfig


class Cells:
    """Reads columns, and collects in `check` what is wrong with them.

    A row without an id, title or time that can be read is rejected. What else
    cannot be read is left empty, and counted as a warning.
    """

    def __init__(self, batch: RawBatch, config: TableConfig):
        """Takes the rows, and what the columns of their table mean."""
        self.check = RowCheck(len(batch.lines))
        self._optional = OptionalCheck(self.check)
        self._batch = batch
        self._config = config
        self._null_words = ("", *config.null_words)

    def required_ids(self, role: str) -> pa.Array:
        """Returns strings; rows without one are rejected."""
        ids = to_ids(self._plain(role, self.check), role, self.check)
        return self._require(ids, role)

    def required_texts(self, role: str) -> pa.Array:
        """Returns strings as people read them; rows without are rejected."""
        return self._require(self._to_texts(role, None, self.check), role)

    def required_moments(self, role: str, config: EventsConfig) -> pa.Array:
        """Returns int64 microseconds; rows without are rejected."""
        moments = self._to_moments(role, config, self.check)
        return self._require(moments, role)

    def ids(self, role: str, known: Collection[str] = ()) -> pa.Array:
        """Returns strings, null where there is none.

        Args:
            role: of the column.
            known: words that mean something, also if `null_words` has them.
        """
        plain = self._plain(role, self._optional, known=known)
        return to_ids(plain, role, self._optional)

    def texts(self, role: str, column: str | None = None) -> pa.Array:
        """Returns strings as people read them, null where there is none."""
        return self._to_texts(role, column, self._optional)

    def numbers(self, role: str, column: str | None = None) -> pa.Array:
        """Returns float64, null where there is none."""
        plain = self._plain(role, self._optional, column)
        return to_numbers(plain, self._config.decimal, role, self._optional)

    def required_flags(self, name: str, column: str) -> np.ndarray:
        """Returns bool `[rows]`; rows that say neither are rejected."""
        plain = self._plain(name, self.check, column)
        found = to_numbers(plain, None, name, OptionalCheck(RowCheck(0)))
        values = found.fill_null(-1.0).to_numpy()
        self.check.reject(
            (values != 0.0) & (values != 1.0),
            f"wrong type: {name}",
            self._batch.columns[column],
            f"The column {column!r} of `{name}` must hold 1 (it happened) or 0"
            " (it was shown and passed over).",
        )
        return values == 1.0

    def moments(self, role: str, config: ItemsConfig) -> pa.Array:
        """Returns int64 microseconds, null where there is none."""
        return self._to_moments(role, config, self._optional)

    def categories(self, role: str, separator: str) -> pa.Array:
        """Returns list<string>, empty where there is none."""
        plain = self._plain(role, self._optional)
        warn_of_separator(plain, separator, role, self.check)
        return to_lists(
            plain, separator, frozenset(self._null_words), role, self._optional
        )

    def vectors(self, role: str) -> pa.Array:
        """Returns list<float32>, null where there is none."""
        plain = self._plain(role, self._optional)
        return to_vectors(plain, role, self._optional)

    def _plain(self, role, check, column=None, known=()) -> pa.Array:
        column = column or self._config.columns.get(role)
        if column is None:
            return pa.nulls(len(self._batch.lines), pa.string())
        words = [word for word in self._null_words if word not in known]
        null_words = pa.array(words, pa.string())
        return to_plain(self._batch.columns[column], null_words, role, check)

    def _to_texts(self, role, column, check) -> pa.Array:
        plain = join_texts(self._plain(role, check, column))
        if not pa.types.is_string(plain.type):
            return to_ids(plain, role, check)
        return read_html_column(plain)

    def _to_moments(self, role, config, check) -> pa.Array:
        return to_microseconds(
            self._plain(role, check),
            config.timestamp_unit,
            config.timestamp_format,
            role,
            check,
        )

    def _require(self, array: pa.Array, role: str) -> pa.Array:
        self.check.reject(
            nulls(array),
            f"missing {role}",
            self._batch.columns[self._config.columns[role]],
            f"`columns.{role}` must name the right column; blank cells and the"
            " words of `null_words` count as missing.",
        )
        return array
