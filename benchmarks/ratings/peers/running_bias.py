"""Predicts ratings from item and user biases up to now."""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.interactions import Interactions


@dataclass
class RunningBias:
    """Global mean, plus the item's deviation, plus the user's.

    The user's deviation uses all ratings before the query: it is updated
    without training.

    Source:
        Koren et al., Computer 42(8), 2009, doi:10.1109/MC.2009.263,
        equation 3, with shrunken means.
    """

    item_damping: float = 5.0  # ratings at the mean that each item begins with
    user_damping: float = 5.0

    def fit(self, train: Interactions) -> None:
        """Averages the ratings of each item."""
        size = len(train.item_ids)
        self._mean = float(train.values.mean())
        above = np.bincount(train.items, train.values - self._mean, size)
        counts = np.bincount(train.items, minlength=size)
        self._item_bias = above / (counts + self.item_damping)

    def predict(
        self, user: int, items: np.ndarray, values: np.ndarray, item: int
    ) -> float:
        """Predicts one rating, as RatingPeer says."""
        above = values - self._mean - self._item_bias[items]
        user_bias = above.sum() / (len(items) + self.user_damping)
        return self._mean + self._item_bias[item] + user_bias
