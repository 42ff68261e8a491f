"""Compares the popularity of recommended items and of users' choices."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from schemas.events import ITEM_BUCKETS

_MAX_POINTS = 200  # of a curve


@dataclass(frozen=True, kw_only=True)
class BucketExposure:
    """Shares that the items of one popularity bucket get."""

    bucket: str  # one of schemas.events.ITEM_BUCKETS
    num_items: int
    num_shown: int  # of them, in at least one slate
    train: float  # share of the train events
    shown: float  # share of the places in slates
    wanted: float  # share of the events to be predicted


@dataclass(frozen=True, kw_only=True)
class PopularityBias:
    """Buckets, and curves over items from most to least popular.

    `curves` maps a name to points: share of the train events that the most
    popular items hold, share of something else that the same items hold.
    """

    buckets: tuple[BucketExposure, ...]
    curves: Mapping[str, tuple[tuple[float, float], ...]]


def compute_popularity_bias(
    counts: np.ndarray, slates: np.ndarray, targets: np.ndarray
) -> PopularityBias:
    """Compares shares of slates and of test events with popularity.

    Args:
        counts: int64 `[N]`, train events of each item.
        slates: int64 `[Q, K]`, rows; -1 = nothing.
        targets: int64 `[Q]`, rows; N = not in the catalogue, left out.

    Returns:
        Buckets as `BehaviorExampleGen` cuts them (thirds of the train
        events, ties by row; unseen = no train event).
    """
    num_items = len(counts)
    shown = np.bincount(slates[slates >= 0], minlength=num_items)
    wanted = np.bincount(targets[targets < num_items], minlength=num_items)
    order = np.argsort(-counts, kind="stable")
    before = np.empty(num_items, np.int64)
    before[order] = np.cumsum(counts[order]) - counts[order]
    third = np.minimum(3 * before // max(counts.sum(), 1), 2)
    third[counts == 0] = 3
    buckets = []
    for number, bucket in enumerate(ITEM_BUCKETS):
        inside = third == number
        buckets.append(
            BucketExposure(
                bucket=bucket,
                num_items=int(inside.sum()),
                num_shown=int((shown[inside] > 0).sum()),
                train=_share(counts, inside),
                shown=_share(shown, inside),
                wanted=_share(wanted, inside),
            )
        )
    curves = {
        "recommended": _trace(counts[order], shown[order]),
        "taken in the test split": _trace(counts[order], wanted[order]),
    }
    return PopularityBias(buckets=tuple(buckets), curves=curves)


def _share(amounts: np.ndarray, inside: np.ndarray) -> float:
    return float(amounts[inside].sum() / max(amounts.sum(), 1))


def _trace(
    popularity: np.ndarray, amounts: np.ndarray
) -> tuple[tuple[float, float], ...]:
    """Accumulates shares, items in the order given."""
    across = np.append(0, np.cumsum(popularity)) / max(popularity.sum(), 1)
    up = np.append(0, np.cumsum(amounts)) / max(amounts.sum(), 1)
    # Evenly spaced in popularity: most items are near the end.
    wanted = np.linspace(0.0, 1.0, _MAX_POINTS)
    kept = np.unique(np.searchsorted(across, wanted - 1e-12))
    kept = np.append(kept[kept < len(across) - 1], len(across) - 1)
    return tuple((float(across[i]), float(up[i])) for i in kept)
