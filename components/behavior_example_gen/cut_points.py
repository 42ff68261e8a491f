"""Finds the points in time that divide all events into the splits.

Exact up to 262,144 distinct seconds. Beyond that neighbours are joined, and a
cut lies within one joined bin of the exact one: about 1/131,072 of the events.
"""

from collections.abc import Iterable

import numpy as np

_MAX_BINS = 1 << 18  # distinct moments that are counted exactly

# Two int64 arrays: distinct seconds, ascending, and how often they occur.
Moments = tuple[np.ndarray, np.ndarray]


def count_moments(seconds: np.ndarray) -> Moments:
    """Counts each second of int64 `[N]`."""
    moments, counts = np.unique(seconds, return_counts=True)
    return moments, counts.astype(np.int64)


def join_moments(parts: Iterable[Moments]) -> Moments:
    """Adds up what was counted of parts of the events."""
    parts = list(parts)
    moments = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    moments, inverse = np.unique(moments, return_inverse=True)
    counts = np.bincount(inverse, counts, len(moments))
    while len(moments) > _MAX_BINS:
        begins = np.arange(0, len(moments), 2)
        counts = np.add.reduceat(counts, begins)
        moments = moments[begins]
    return moments, counts.astype(np.int64)


def find_cuts(
    counted: Moments, fractions: tuple[float, float, float]
) -> tuple[int, int]:
    """Returns the first second of eval and that of test.

    Args:
        counted: of at least one event.
        fractions: the share of the events in train, eval and test.
    """
    moments, counts = counted
    before = np.cumsum(counts) - counts
    num_events = counts.sum()
    cuts = []
    for share in np.cumsum(fractions)[:2]:
        rank = np.floor(np.round(share * num_events, 6))
        if rank >= num_events:
            cuts.append(int(moments[-1]) + 1)
        else:
            bin_of_rank = np.searchsorted(before, rank, side="right") - 1
            cuts.append(int(moments[bin_of_rank]))
    return tuple(cuts)
