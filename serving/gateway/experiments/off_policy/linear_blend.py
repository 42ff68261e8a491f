"""A ranking policy that weighs features."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LinearBlend:
    """Always shows the item with the greatest weighted sum of features.

    Attributes:
        weights: by feature; features without one count nothing.
    """

    weights: Mapping[str, float]

    def __call__(
        self, candidates: Mapping[str, Mapping[str, float]]
    ) -> dict[str, float]:
        """Chooses among items.

        Args:
            candidates: item id to its features; a missing one is 0.

        Returns:
            Chance of each item: 1 for the best, of several the first.
        """
        best = max(
            candidates, key=lambda item_id: self._score(candidates[item_id])
        )
        return {best: 1.0}

    def _score(self, features):
        return math.fsum(
            weight * features.get(name, 0.0)
            for name, weight in self.weights.items()
        )
