"""What most people took, whoever asks."""

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
