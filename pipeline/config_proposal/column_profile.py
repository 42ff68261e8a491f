"""What the cells of a column are like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.behavior_example_gen.table_config import NULL_WORDS

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_NULLS = frozenset(NULL_WORDS)
_LOWEST_TIME, _HIGHEST_TIME = 6.3e8, 4.1e9  # seconds: 1990 to 2099


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """Figures of a column.

    Attributes:
        cells: those that are not missing.
        texts: the same as text; of lists and objects "".
        share_missing: of all cells.
        distinct: the different texts.
        numbers: float64 of all cells; None unless nearly all are numbers.
        is_nested: whether cells are lists or objects.
        num_words: in the mean.
    """

    cells: list[Any]
    texts: list[str]
    share_missing: float
    distinct: frozenset[str]
    numbers: np.ndarray | None
    is_nested: bool
    num_words: float

    @property
    def uniqueness(self) -> float:
        """Different cells for each cell, in [0, 1]."""
        return len(self.distinct) / max(len(self.texts), 1)

    @property
    def is_whole(self) -> bool:
        """Whether all are whole numbers."""
        if self.numbers is None:
            return False
        return bool((self.numbers == np.floor(self.numbers)).all())

    def is_time_number(self) -> bool:
        """Tells numbers that are seconds, ms, us or ns of our time."""
        if self.numbers is None or not len(self.numbers):
            return False
        middle = abs(float(np.median(self.numbers)))
        return any(
            _LOWEST_TIME <= middle / scale <= _HIGHEST_TIME
            for scale in (1, 1e3, 1e6, 1e9)
        )

    def is_flag(self) -> bool:
        """Tells cells that are 0 and 1, and nothing else."""
        return self.distinct <= {"0", "1"} and len(self.distinct) == 2


def profile_column(cells: Sequence[Any]) -> ColumnProfile:
    """Looks at the cells of a column; None is a missing one."""
    known = [
        cell
        for cell in cells
        if cell is not None
        and cell not in ("", [], {})
        and str(cell).strip() not in _NULLS
    ]
    is_nested = sum(isinstance(c, list | dict) for c in known) > len(known) / 2
    texts = ["" if is_nested else str(cell).strip() for cell in known]
    words = [len(text.split()) for text in texts[:2000]]
    return ColumnProfile(
        cells=known,
        texts=texts,
        share_missing=1.0 - len(known) / max(len(cells), 1),
        distinct=frozenset(texts),
        numbers=None if is_nested else _to_numbers(texts),
        is_nested=is_nested,
        num_words=float(np.mean(words)) if words else 0.0,
    )


def _to_numbers(texts: list[str]) -> np.ndarray | None:
    found = [float(text) for text in texts if _NUMBER.fullmatch(text)]
    if len(found) < 0.95 * len(texts) or not found:
        return None
    return np.array(found)
