"""Popularity: the same slate for every user."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries


@dataclass
class Popularity:
    """Scores an item by its number of training events."""

    def fit(self, train: Interactions) -> None:
        """Counts the events of each item."""
        counts = np.bincount(train.items, minlength=len(train.item_ids))
        self._scores = counts.astype(np.float32)

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns the same float32 row for each of the `[Q, I]` histories."""
        return np.broadcast_to(self._scores, weights.shape)


@dataclass
class RandomOrder:
    """Draws the scores."""

    seed: int = 1

    def fit(self, train: Interactions) -> None:
        """Resets the random generator."""
        self._generator = np.random.default_rng(self.seed)

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float64 `[Q, I]` in [0, 1)."""
        return self._generator.random(weights.shape)


_DAY = 86400  # seconds
_TIE_BREAK = 1e-6  # all-time popularity orders items equal in the last days


@dataclass
class RecentPopularity:
    """Scores an item by its events in the last days of training."""

    num_days: int = 90

    def fit(self, train: Interactions) -> None:
        """Counts the events of each item since the cut."""
        since = train.timestamps.max() - self.num_days * _DAY
        num_items = len(train.item_ids)
        recent = train.items[train.timestamps >= since]
        self._scores = np.bincount(recent, minlength=num_items) + (
            _TIE_BREAK * np.bincount(train.items, minlength=num_items)
        )

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns the same row for each of the `[Q, I]` histories."""
        return np.broadcast_to(self._scores, weights.shape)
