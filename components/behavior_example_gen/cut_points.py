"""Finds the points in time that divide all events into the splits."""

import apache_beam as beam
import numpy as np

_MAX_BINS = 1 << 18  # distinct moments that are counted exactly


class CutPoints(beam.CombineFn):
    """Quantiles of event times, mergeable over workers.

    Input: (moments, counts), two int64 arrays, moments ascending.
    Output: (first second of eval, first second of test); None of no events.

    Exact up to 262,144 distinct seconds. Beyond that neighbours are joined,
    and a cut lies within one joined bin of the exact one: about 1/131,072
    of the events.
    """

    def __init__(self, fractions: tuple[float, float, float]):
        self._fractions = fractions

    def create_accumulator(self):
        empty = np.zeros(0, np.int64)
        return empty, empty

    def add_input(self, accumulator, element):
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators):
        pairs = list(accumulators)
        moments = np.concatenate([pair[0] for pair in pairs])
        counts = np.concatenate([pair[1] for pair in pairs])
        moments, inverse = np.unique(moments, return_inverse=True)
        counts = np.bincount(inverse, counts, len(moments))
        while len(moments) > _MAX_BINS:
            begins = np.arange(0, len(moments), 2)
            counts = np.add.reduceat(counts, begins)
            moments = moments[begins]
        return moments, counts.astype(np.int64)

    def extract_output(self, accumulator):
        moments, counts = accumulator
        if not len(moments):
            return None
        before = np.cumsum(counts) - counts
        num_events = counts.sum()
        cuts = []
        for share in np.cumsum(self._fractions)[:2]:
            rank = np.floor(np.round(share * num_events, 6))
            if rank >= num_events:
                cuts.append(int(moments[-1]) + 1)
            else:
                bin_of_rank = np.searchsorted(before, rank, side="right") - 1
                cuts.append(int(moments[bin_of_rank]))
        return tuple(cuts)


def count_moments(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distinct seconds, ascending, and how often they occur."""
    moments, counts = np.unique(seconds, return_counts=True)
    return moments, counts.astype(np.int64)
