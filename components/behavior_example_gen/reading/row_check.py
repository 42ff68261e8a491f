"""Which rows of a batch are rejected or lack a cell, and why."""

import dataclasses
from collections.abc import Collection

import numpy as np
import pyarrow as pa

_MAX_SHOWN = 60  # characters of a value that a message quotes


@dataclasses.dataclass(frozen=True)
class Fault:
    """What some rows have in common that are rejected, or lack a cell."""

    reason: str
    count: int
    row: int  # the first
    value: str  # of the first, as Python writes it; "" = there is none
    remedy: str


class RowCheck:
    """Keeps for each row the first reason to reject it."""

    def __init__(self, num_rows: int):
        self._names = [""]
        self._details = {}
        self._warned = []
        self.codes = np.zeros(num_rows, np.int16)

    def reject(
        self,
        mask: np.ndarray,
        reason: str,
        values: pa.Array | None = None,
        remedy: str = "",
    ) -> None:
        """Marks rows.

        Args:
            mask: bool `[rows]`.
            reason: in few words, the same for all of them.
            values: the column; the first offending cell is quoted.
            remedy: a sentence: what is allowed, and which setting helps.
        """
        if not mask.any():
            return
        if reason not in self._names:
            self._names.append(reason)
        new = mask & (self.codes == 0)
        self.codes[new] = self._names.index(reason)
        if new.any() and reason not in self._details:
            first = int(np.argmax(new))
            self._details[reason] = (_show(values, first), remedy)

    def warn(
        self,
        mask: np.ndarray,
        reason: str,
        values: pa.Array | None = None,
        remedy: str = "",
    ) -> None:
        """Counts cells that are left empty; arguments as of `reject`."""
        if mask.any():
            self._warned.append((mask, reason, values, remedy))

    def passed(self) -> np.ndarray:
        """Returns bool `[rows]`, true for rows that passed."""
        return self.codes == 0

    def failures(self, but: Collection[str] = ()) -> list[tuple[int, str]]:
        """Returns (row, reason) of each row that failed.

        Args:
            but: reasons that are left out.
        """
        left_out = [
            code for code, name in enumerate(self._names) if name in but
        ]
        failed = (self.codes != 0) & ~np.isin(self.codes, left_out)
        return [
            (int(row), self._names[self.codes[row]])
            for row in np.flatnonzero(failed)
        ]

    def rejects(self) -> list[Fault]:
        """Returns the reasons of rows that failed."""
        codes, rows, counts = np.unique(
            self.codes, return_index=True, return_counts=True
        )
        return [
            Fault(name, int(count), int(row), *self.explain(name))
            for code, row, count in zip(codes, rows, counts, strict=True)
            if (name := self._names[code])
        ]

    def explain(self, reason: str) -> tuple[str, str]:
        """Returns the first offending value and the remedy of a reason."""
        return self._details.get(reason, ("", ""))

    def warnings(self) -> list[Fault]:
        """Returns what was left empty in rows that passed."""
        found = []
        for mask, reason, values, remedy in self._warned:
            rows = np.flatnonzero(mask & self.passed())
            if len(rows):
                first = int(rows[0])
                value = _show(values, first)
                found.append(Fault(reason, len(rows), first, value, remedy))
        return found


class OptionalCheck:
    """A check of cells that a row can do without: rejects become warnings."""

    def __init__(self, check: RowCheck):
        self._check = check

    def reject(
        self,
        mask: np.ndarray,
        reason: str,
        values: pa.Array | None = None,
        remedy: str = "",
    ) -> None:
        """As `RowCheck.warn`."""
        self._check.warn(mask, reason, values, remedy)


def _show(values: pa.Array | None, row: int) -> str:
    value = None if values is None else values[row].as_py()
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode(errors="backslashreplace")
    text = repr(value)
    if len(text) > _MAX_SHOWN:
        text = f"{text[:_MAX_SHOWN]}..."
    return text
