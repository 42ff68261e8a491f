"""Which rows of a batch are rejected or lack a cell, and why."""

import dataclasses

import numpy as np
import pyarrow as pa

_MAX_SHOWN = 60  # characters of a value that a message quotes


@dataclasses.dataclass(frozen=True)
class Warned:
    """Cells that could not be read, and are empty now; their rows stay."""

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
            first = int(np.argmax(mask))
            self._warned.append(
                Warned(
                    reason,
                    int(mask.sum()),
                    first,
                    _show(values, first),
                    remedy,
                )
            )

    def passed(self) -> np.ndarray:
        """Returns bool `[rows]`, true for rows that passed."""
        return self.codes == 0

    def failures(self) -> list[tuple[int, str]]:
        """Returns (row, reason) of each row that failed."""
        return [
            (int(row), self._names[self.codes[row]])
            for row in np.flatnonzero(self.codes)
        ]

    def explain(self, reason: str) -> tuple[str, str]:
        """Returns the first offending value and the remedy of a reason."""
        return self._details.get(reason, ("", ""))

    def warnings(self) -> list[Warned]:
        """Returns what was left empty, in the order it was found."""
        return list(self._warned)


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
