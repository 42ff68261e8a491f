"""SVD and SVD++ with users updated by later ratings."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.ratings.peers.surprise_model import SurpriseModel
from benchmarks.ratings.peers.surprise_model import fit_surprise
from benchmarks.ratings.peers.surprise_model import number_items


@dataclass
class MovingFactors:
    """Item factors of surprise's SVD or SVD++, learnt once.

    The user's bias and factors are solved from all ratings of the user before
    the query, by ridge regression on the items' factors. SVD++'s implicit term,
    for which items were rated, follows the history too.

    Source:
        Koren, KDD 2008, doi:10.1145/1401890.1401944; the fold-in is ours.
    """

    kind: Literal["svd", "svdpp"] = "svd"
    num_factors: int = 50
    regularization: float = 0.05  # while factors are learnt
    num_epochs: int = 20
    ridge: float = 10.0  # while a user is solved

    def fit(self, train: Interactions) -> None:
        """Learns factors and biases of the items."""
        settings = SurpriseModel(
            self.kind, self.num_factors, self.regularization, self.num_epochs
        )
        algorithm = fit_surprise(settings, train)
        self._numbers = number_items(algorithm, len(train.item_ids))
        self._mean = algorithm.trainset.global_mean
        self._item_bias = algorithm.bi
        self._factors = algorithm.qi
        is_plain = self.kind == "svd"
        self._implied = (
            np.zeros_like(algorithm.qi) if is_plain else algorithm.yj
        )

    def predict(
        self, user: int, items: np.ndarray, values: np.ndarray, item: int
    ) -> float:
        """Predicts one rating, as RatingPeer says."""
        number, rated = self._numbers[item], self._numbers[items]
        values, rated = values[rated >= 0], rated[rated >= 0]
        if not len(rated):
            return self._mean + (self._item_bias[number] if number >= 0 else 0)
        implied = self._implied[rated].sum(axis=0) / np.sqrt(len(rated))
        features = self._factors[rated]
        left = values - self._mean - self._item_bias[rated] - features @ implied
        features = np.column_stack([np.ones(len(rated)), features])
        gram = features.T @ features
        gram[np.diag_indices_from(gram)] += self.ridge
        bias, *factors = np.linalg.solve(gram, features.T @ left)
        if number < 0:
            return self._mean + bias
        return (
            self._mean
            + bias
            + self._item_bias[number]
            + self._factors[number] @ (implied + np.array(factors))
        )
