"""Which rows of a batch are rejected, and why."""

import numpy as np


class RowCheck:
    """Keeps for each row the first reason to reject it."""

    def __init__(self, num_rows: int):
        self._names = [""]
        self.codes = np.zeros(num_rows, np.int16)

    def reject(self, mask: np.ndarray, reason: str) -> None:
        """Marks rows; bool `[rows]`."""
        if not mask.any():
            return
        if reason not in self._names:
            self._names.append(reason)
        self.codes[mask & (self.codes == 0)] = self._names.index(reason)

    def passed(self) -> np.ndarray:
        """Returns bool `[rows]`, true for rows that passed."""
        return self.codes == 0

    def failures(self) -> list[tuple[int, str]]:
        """Returns (row, reason) of each row that failed."""
        return [
            (int(row), self._names[self.codes[row]])
            for row in np.flatnonzero(self.codes)
        ]
