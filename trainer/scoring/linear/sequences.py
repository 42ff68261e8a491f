"""Windows of items as arrays, for models in closed form."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

_FIELDS = (
    "rows",
    "is_target",
    "timestamp",
    "mask",
    "older_rows",
    "user",
)
_LEAST = 0.02  # weight of a window, however old
_EVENTS_AT_ONCE = 400_000  # bounds the memory of one block of rows


@dataclass(frozen=True, eq=False)
class Sequences:
    """Windows, oldest event first, padded at the end.

    An event may be in several windows of its user, but is a target of one.

    Attributes:
        rows: int32 `[W, S]`, catalogue rows; N = padding or unknown item.
        is_target: bool `[W, S]`, events that this window is to predict.
        ended_at: int64 `[W]`, seconds, time of the last event.
        users: int64 `[W]`, a number for whose window it is.
        num_items: N.
        place: int64 `[W]`; of two windows of a user that end in the same
            second, the later one has the larger number, or both the same
            where no order can be told.
    """

    rows: np.ndarray
    is_target: np.ndarray
    ended_at: np.ndarray
    users: np.ndarray
    num_items: int
    place: np.ndarray

    def count_targets(self) -> np.ndarray:
        """Counts how often each item is a target; int64 `[N]`."""
        rows = self.rows[self.is_target & (self.rows < self.num_items)]
        return np.bincount(rows, minlength=self.num_items)

    def select(self, windows: np.ndarray) -> "Sequences":
        """Keeps some windows: bool mask `[W]`."""
        return Sequences(
            self.rows[windows],
            self.is_target[windows],
            self.ended_at[windows],
            self.users[windows],
            self.num_items,
            self.place[windows],
        )

    def join(self, other: "Sequences") -> "Sequences":
        """Appends windows of the same catalogue."""
        width = max(self.rows.shape[1], other.rows.shape[1])
        both = (self, other)
        return Sequences(
            np.concatenate([_widen(s.rows, width, s.num_items) for s in both]),
            np.concatenate([_widen(s.is_target, width, False) for s in both]),
            np.concatenate([s.ended_at for s in both]),
            np.concatenate([s.users for s in both]),
            self.num_items,
            np.concatenate([s.place for s in both]),
        )


def weigh_ages(
    ended_at: np.ndarray, half_life_days: float | None
) -> np.ndarray:
    """Weighs windows by their age.

    Args:
        ended_at: int64 `[W]`, seconds, time of their last events.
        half_life_days: age at which a weight is halved; None = none ages.

    Returns:
        float32 `[W]`, the newest weigh 1.
    """
    if half_life_days is None:
        return np.ones(len(ended_at), np.float32)
    days = (ended_at.max() - ended_at) / 86_400
    return np.maximum(np.exp2(-days / half_life_days), _LEAST).astype(
        np.float32
    )


def collect_sequences(
    batches: Iterable[Mapping[str, np.ndarray]], num_items: int
) -> Sequences:
    """Gathers windows.

    Args:
        batches: as of `windows.to_batch`, at least one.
        num_items: N.
    """
    parts = [
        {name: np.asarray(batch[name]) for name in _FIELDS} for batch in batches
    ]
    width = max(part["rows"].shape[1] for part in parts)
    return Sequences(
        np.concatenate([_widen(p["rows"], width, num_items) for p in parts]),
        np.concatenate([_widen(p["is_target"], width, False) for p in parts]),
        np.concatenate([p["timestamp"].max(axis=1) for p in parts]),
        np.concatenate([p["user"][:, 0] for p in parts]),
        num_items,
        np.concatenate([_find_place(p, num_items) for p in parts]),
    )


def choose_items(
    counts: np.ndarray, min_count: int, max_items: int
) -> np.ndarray:
    """Selects the items of a linear model.

    Args:
        counts: int `[N]`, events of each item.
        min_count: items with fewer are left out.
        max_items: M; the most frequent are kept.

    Returns:
        int64 `[<= M]`, ascending catalogue rows.
    """
    by_count = np.argsort(-counts, kind="stable")[:max_items]
    return np.sort(by_count[counts[by_count] >= min_count])


def weigh_lags(half_life: float) -> np.ndarray:
    """Returns the weights of earlier events by how many came after them.

    Returns:
        float32 `[J]`, 2 ** (-j / half_life) for the j-th most recent event,
        as far as it reaches a thousandth.
    """
    return np.exp2(-np.arange(int(np.ceil(10 * half_life))) / half_life).astype(
        np.float32
    )


def iterate_histories(
    sequences: Sequences,
    lag_weights: np.ndarray,
    window_weights: np.ndarray,
) -> Iterator[tuple[sp.csr_array, np.ndarray, np.ndarray]]:
    """Yields decayed histories of the targets, a bounded block at a time.

    Args:
        sequences: targets and what went before.
        lag_weights: float32 `[J]`.
        window_weights: float32 `[W]`.

    Yields:
        float32 `[P, N]` sparse histories, int32 `[P]` targets and float32
        `[P]` weights. The first event of a window and targets outside the
        catalogue are left out.
    """
    width = sequences.rows.shape[1]
    size = max(1, _EVENTS_AT_ONCE // width)
    lags = np.arange(1, min(len(lag_weights), width) + 1)
    for first in range(0, len(sequences.rows), size):
        rows = sequences.rows[first : first + size]
        wanted = sequences.is_target[first : first + size]
        wanted = wanted & (rows < sequences.num_items)
        wanted[:, 0] = False
        window, place = np.nonzero(wanted)
        at = place[:, None] - lags
        item = rows[window[:, None], np.maximum(at, 0)]
        valid = (at >= 0) & (item < sequences.num_items)
        query, lag = np.nonzero(valid)
        histories = sp.csr_array(
            (lag_weights[lag], (query, item[valid])),
            shape=(len(window), sequences.num_items),
        )
        yield histories, rows[window, place], window_weights[first + window]


def _find_place(batch, num_items):
    """Counts a window's events of its last second, and those before it.

    Only queries say what was before: windows of the train split that are full
    of one second have no order.
    """
    times, mask = batch["timestamp"], batch["mask"]
    is_last = mask & (times == times.max(axis=1, keepdims=True))
    is_older = batch["older_rows"] != num_items
    return is_last.sum(axis=1) + is_older.sum(axis=1)


def _widen(array, width, padding):
    missing = width - array.shape[1]
    return np.pad(array, [(0, 0), (0, missing)], constant_values=padding)
