"""EASE whose history counts against what was disliked."""

from dataclasses import dataclass
from dataclasses import field

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.peers import Ease
from benchmarks.quality.queries import Queries
from schemas.rating_scale import RatingScale


@dataclass
class SignedEase:
    """Learns from what was not disliked; a dislike counts negatively.

    Attributes:
        values: float32 `[N]`, the rating of each event a query may hold.
        scale: what a dislike is.
        penalty: what a dislike counts in a history, as a share of a like; 0 =
            it is left out.
        l2: of EASE.
    """

    values: np.ndarray = field(repr=False)
    scale: RatingScale
    penalty: float
    l2: float

    def fit(self, train: Interactions) -> None:
        """Fits EASE to the events that were not disliked."""
        self._ease = Ease(self.l2)
        self._ease.fit(train.select(~self.scale.is_disliked(train.values)))

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        signed = weights.tocsr(copy=True)
        for query in range(len(queries)):
            values = self.values[queries.get_rows(query)]
            disliked = self.scale.is_disliked(values)
            items = queries.get_history(query)[disliked]
            first, end = signed.indptr[query : query + 2]
            is_disliked = np.isin(signed.indices[first:end], items)
            signed.data[first:end][is_disliked] *= -self.penalty
        return self._ease.score(signed, queries)
