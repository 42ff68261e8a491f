"""A linear model of which items go together, in closed form."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from benchmarks.interactions import Interactions
from benchmarks.queries import Queries


@dataclass
class Ease:
    """Regresses each item on all others, with an L2 penalty.

    Source:
        Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW
        2019, doi:10.1145/3308558.3313710, equation 8.
    """

    l2: float = 200.0

    def fit(self, train: Interactions) -> None:
        """Inverts the regularised Gram matrix: needs 8 I^2 bytes.

        Raises:
            ArithmeticError: the matrix is not positive definite.
        """
        shape = (len(train.user_ids), len(train.item_ids))
        by_user = sp.csr_array(
            (np.ones(len(train.items), np.float32), (train.users, train.items)),
            shape,
        )
        by_user.data[:] = 1.0  # duplicates were added up
        gram = (by_user.T @ by_user).toarray(order="F")
        gram[np.diag_indices_from(gram)] += self.l2
        factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
        if not failed:
            inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
        if failed:
            raise ArithmeticError(
                "the Gram matrix must be positive definite. Received: l2="
                f"{self.l2}. Raise `l2`."
            )
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        self._weights = inverse / -np.diag(inverse)
        self._weights[np.diag_indices_from(inverse)] = 0.0

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        return weights @ self._weights
