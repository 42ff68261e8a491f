"""What no knowledge at all scores."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries


@dataclass
class RandomOrder:
    """Draws the scores."""

    seed: int = 1

    def fit(self, train: Interactions) -> None:
        """Starts the draw anew."""
        self._generator = np.random.default_rng(self.seed)

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float64 `[Q, I]` in [0, 1)."""
        return self._generator.random(weights.shape)
