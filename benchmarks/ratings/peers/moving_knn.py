"""KNN with baselines, with users updated by later ratings."""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.ratings.peers.surprise_model import SurpriseModel
from benchmarks.ratings.peers.surprise_model import fit_surprise
from benchmarks.ratings.peers.surprise_model import number_items


@dataclass
class MovingKnn:
    """Item similarities and biases of surprise's KNNBaseline, learnt once.

    The user's bias and the neighbours come from all ratings of the user before
    the query. For a user without a rating since training, this is KNNBaseline
    except for the bias, which is solved given the items' instead of together
    with them.

    Source:
        Koren, TKDD 4(1), 2010, doi:10.1145/1644873.1644874, section 2.2.
    """

    num_neighbors: int = 40
    user_damping: float = 15.0  # ratings at the mean a user begins with

    def fit(self, train: Interactions) -> None:
        """Compares items by how the same people rated them."""
        settings = SurpriseModel("knn_baseline", self.num_neighbors)
        algorithm = fit_surprise(settings, train)
        self._similarity = algorithm.sim
        self._mean = algorithm.trainset.global_mean
        self._numbers = number_items(algorithm, len(train.item_ids))
        biases = np.append(algorithm.bi, 0.0)  # number -1: an unknown item
        self._item_bias = biases[self._numbers]

    def predict(
        self, user: int, items: np.ndarray, values: np.ndarray, item: int
    ) -> float:
        """Predicts one rating, as RatingPeer says."""
        above = values - self._mean - self._item_bias[items]
        user_bias = above.sum() / (len(items) + self.user_damping)
        baseline = self._mean + self._item_bias[item] + user_bias
        number, others = self._numbers[item], self._numbers[items]
        if number < 0 or not len(items):
            return baseline
        weights = np.where(others < 0, 0.0, self._similarity[number, others])
        nearest = np.argsort(-weights, kind="stable")[: self.num_neighbors]
        weights = np.maximum(weights[nearest], 0.0)
        if not weights.any():
            return baseline
        deviations = above[nearest] - user_bias
        return baseline + weights @ deviations / weights.sum()
