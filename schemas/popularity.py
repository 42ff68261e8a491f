"""Popularity buckets of items: each holds a third of the events."""

import numpy as np


def assign_item_buckets(counts: np.ndarray) -> np.ndarray:
    """Cuts a catalogue so that each bucket has a third of the events.

    Args:
        counts: int64 `[N]`, train events of each item. Items with the same
            number of events keep the order given.

    Returns:
        int64 `[N]`, positions in `events.ITEM_BUCKETS`: 0 = head, 1 =
        middle, 2 = tail, 3 = unseen, which is without events.
    """
    order = np.argsort(-counts, kind="stable")
    ranked = counts[order]
    before = np.cumsum(ranked) - ranked
    third = np.minimum(3 * before // max(int(ranked.sum()), 1), 2)
    buckets = np.empty(len(counts), np.int64)
    buckets[order] = np.where(ranked > 0, third, 3)
    return buckets
