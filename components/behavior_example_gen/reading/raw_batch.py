"""Rows as written in the file, before their types are known."""

import dataclasses
import json

import numpy as np
import pyarrow as pa


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that could not be used."""

    line: int  # 1-based record of the file; 0 = the file as a whole
    reason: str
    row: str  # its text, or the mapped columns as JSON


@dataclasses.dataclass(frozen=True)
class RawBatch:
    """Some rows of one file, and the lines among them that are not rows."""

    columns: dict[str, pa.Array]
    lines: np.ndarray  # int64 [rows]
    bad_lines: list[BadLine]

    @classmethod
    def of_bad_lines(
        cls, bad_lines: list[BadLine], columns: list[str]
    ) -> "RawBatch":
        """Builds a batch without rows."""
        return cls(
            columns={name: pa.nulls(0, pa.string()) for name in columns},
            lines=np.zeros(0, np.int64),
            bad_lines=bad_lines,
        )

    def without_first(self, num_rows: int, num_bad: int) -> "RawBatch":
        """Returns the batch without its first rows and first bad lines."""
        return RawBatch(
            columns={
                name: column.slice(min(num_rows, len(column)))
                for name, column in self.columns.items()
            },
            lines=self.lines[num_rows:],
            bad_lines=self.bad_lines[num_bad:],
        )

    def row_text(self, index: int) -> str:
        """Returns one row as a JSON object, undecodable bytes replaced."""
        row = {}
        for name, column in self.columns.items():
            value = column[index].as_py()
            if isinstance(value, bytes):
                value = value.decode("utf-8", errors="backslashreplace")
            row[name] = value
        return json.dumps(row, ensure_ascii=False, default=str)
