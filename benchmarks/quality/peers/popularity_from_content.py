"""Popularity of new items, by regression on text and year."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import lsqr

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.peers.text_similarity import build_tfidf
from benchmarks.quality.queries import Queries

_NUM_KNOTS = 17  # of the curve over the years


@dataclass
class PopularityFromContent:
    """Ridge regression from tf-idf vectors and years to popularity.

    The same slate for every user: how much a recommender owes to knowing what
    will be popular, and nothing of the person. The target is the root of the
    number of events, whose variance does not grow with it.

    Attributes:
        texts: of all items.
        years: of release, NaN where unknown.
        ridge: the penalty.
    """

    texts: Sequence[str] = field(repr=False)
    years: Sequence[float] = field(repr=False)
    ridge: float = 3.0

    def fit(self, train: Interactions) -> None:
        """Fits the regression to the items with events."""
        counts = np.bincount(train.items, minlength=len(self.texts))
        known = np.flatnonzero(counts)
        curve = _bend(np.asarray(self.years, np.float64), known)
        features = sp.hstack([build_tfidf(self.texts), curve], format="csr")
        target = np.sqrt(counts[known])
        mean = target.mean()
        damp = np.sqrt(self.ridge)
        weights = lsqr(features[known], target - mean, damp)[0]
        self._scores = features @ weights + mean

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns the same float64 row for each of the `[Q, I]` histories."""
        return np.broadcast_to(self._scores, weights.shape)


def _bend(years, known):
    """Spreads years over hat functions on the quantiles of known items'."""
    given = years[known][~np.isnan(years[known])]
    if not len(given):
        return sp.csr_array((len(years), 0))
    knots = np.unique(np.quantile(given, np.linspace(0.0, 1.0, _NUM_KNOTS)))
    hats = [np.interp(years, knots, hat) for hat in np.eye(len(knots))]
    return sp.csr_array(np.nan_to_num(np.stack(hats, axis=1)))
