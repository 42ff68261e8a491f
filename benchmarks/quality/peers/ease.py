"""A linear model of which items go together, in closed form."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from trainer.scoring.linear.closed_form import regress_on_others


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
        self._weights = regress_on_others(gram, self.l2)

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        return weights @ self._weights
