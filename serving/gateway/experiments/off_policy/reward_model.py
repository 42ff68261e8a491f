"""Predicts the success of an item in a slate."""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

_TOLERANCE = 1e-10  # of a singular value, below which features are collinear


class RewardModel:
    """Least squares on an item's features and the mean of its rivals'.

    Each fold is predicted by a fit to the other folds, so that no slate is
    predicted by a model that has seen it. Memory does not grow with the slates:
    only sums of products are kept.
    """

    def __init__(self, feature_names: Sequence[str], num_folds: int):
        """Begins without data.

        Args:
            feature_names: F names; other features are not looked at.
            num_folds: at least 2.
        """
        self._names = tuple(feature_names)
        width = 2 * len(self._names) + 1
        self._products = np.zeros((num_folds, width, width))
        self._targets = np.zeros((num_folds, width))
        self._weights = np.zeros((num_folds, width))

    def describe(
        self, candidates: Mapping[str, Mapping[str, float]]
    ) -> np.ndarray:
        """Returns a row of numbers per item: float64 `[items, 2 F + 1]`."""
        features = np.array(
            [
                [item.get(name, 0.0) for name in self._names]
                for item in candidates.values()
            ]
        )
        rows = np.ones((len(features), 2 * len(self._names) + 1))
        rows[:, 1 : len(self._names) + 1] = features
        rows[:, len(self._names) + 1 :] = features.mean(axis=0)
        return rows

    def observe(self, fold: int, row: np.ndarray, reward: float) -> None:
        """Adds the outcome of one item, a row of `describe`."""
        self._products[fold] += np.outer(row, row)
        self._targets[fold] += row * reward

    def fit(self) -> None:
        """Fits to all that was observed."""
        products = self._products.sum(axis=0) - self._products
        targets = self._targets.sum(axis=0) - self._targets
        inverses = np.linalg.pinv(products, rcond=_TOLERANCE, hermitian=True)
        self._weights = np.einsum("fij,fj->fi", inverses, targets)

    def predict(self, fold: int, rows: np.ndarray) -> np.ndarray:
        """Returns the expected reward in [0, 1] of each row."""
        return np.clip(rows @ self._weights[fold], 0.0, 1.0)
