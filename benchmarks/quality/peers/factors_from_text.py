"""ALS factors of new items, by regression on text."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import lsqr

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.peers.implicit_als import ImplicitAls
from benchmarks.quality.peers.text_similarity import build_tfidf
from benchmarks.quality.queries import Queries

_CONSTANT = 100.0  # of the intercept's column: leaves it next to no penalty


@dataclass
class FactorsFromText:
    """Ridge regression from tf-idf vectors to the factors of ALS.

    Items are weighted by the root of their number of events.

    Source:
        the linear case of Gantner et al., ICDM 2010,
        doi:10.1109/ICDM.2010.129.
    """

    texts: Sequence[str] = field(repr=False)
    ridge: float = 10.0

    def fit(self, train: Interactions) -> None:
        """Factorises the training part, then fits the regression."""
        self._als = ImplicitAls()
        self._als.fit(train)
        vectors = build_tfidf(self.texts)
        constant = np.full((vectors.shape[0], 1), _CONSTANT)
        features = sp.hstack([vectors, constant], format="csr")
        counts = np.bincount(train.items, minlength=vectors.shape[0])
        known = np.flatnonzero(counts)
        weights = counts[known] ** 0.25  # squared by the loss
        rows = sp.diags_array(weights) @ features[known]
        factors = weights[:, None] * self._als.item_factors[known]
        damp = np.sqrt(self.ridge)
        self._item_factors = np.stack(
            [features @ lsqr(rows, column, damp)[0] for column in factors.T],
            axis=1,
        )

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float64 `[Q, I]`."""
        return self._als.fold_in(weights) @ self._item_factors.T
