"""Alternating least squares of the package `implicit`."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries

_SEED = 42


@dataclass
class ImplicitAls:
    """Factors of users and items; a history is folded in to a user factor.

    Source:
        Hu et al., ICDM 2008, doi:10.1109/ICDM.2008.22.
    """

    num_factors: int = 64
    regularization: float = 1.0
    confidence: float = 5.0  # alpha, what an event weighs over no event

    def fit(self, train: Interactions) -> None:
        """Factorises the user-item matrix."""
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        # Its own threads call BLAS, which must not start threads of its own.
        with threadpool_limits(1, "blas"):
            self._model = AlternatingLeastSquares(
                factors=self.num_factors,
                regularization=self.regularization,
                alpha=self.confidence,
                iterations=20,
                num_threads=2,
                random_state=_SEED,
            )
            self._model.fit(build_user_items(train), show_progress=False)

    @property
    def item_factors(self) -> np.ndarray:
        """Factors of all items, float32 `[I, num_factors]`."""
        return self._model.item_factors

    def fold_in(self, weights: sp.csr_array) -> np.ndarray:
        """Solves for the user factors of histories, `[Q, num_factors]`."""
        return self._model.recalculate_user(
            np.arange(weights.shape[0]), sp.csr_matrix(weights)
        )

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        return self.fold_in(weights) @ self.item_factors.T


def build_user_items(train: Interactions) -> sp.csr_matrix:
    """Builds the user-item matrix of ones, float32 `[U, I]`, for `implicit`."""
    matrix = sp.csr_matrix(
        (np.ones(len(train.items), np.float32), (train.users, train.items)),
        shape=(len(train.user_ids), len(train.item_ids)),
    )
    matrix.data[:] = 1.0  # duplicates were added up
    return matrix
