"""Item-based nearest neighbours."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from pipeline.report.diagnostics.co_occurrence import keep_neighbors


@dataclass
class ItemKnn:
    """Adds up the similarity of an item to those of the history.

    Source:
        Sarwar et al., WWW 2001, doi:10.1145/371920.372071. With "tfidf" users
        with many items count less.
    """

    num_neighbors: int = 100
    weighting: Literal["cosine", "tfidf"] = "tfidf"

    def fit(self, train: Interactions) -> None:
        """Keeps the nearest items of each item."""
        shape = (len(train.item_ids), len(train.user_ids))
        by_item = sp.csr_array(
            (np.ones(len(train.items)), (train.items, train.users)), shape
        )
        by_item.data[:] = 1.0  # duplicates were added up
        if self.weighting == "tfidf":
            num_items_of_user = np.bincount(by_item.indices, minlength=shape[1])
            idf = np.log(shape[0]) - np.log1p(num_items_of_user)
            by_item = by_item @ sp.diags_array(idf)
        self._similarity = keep_neighbors(by_item, self.num_neighbors, "cosine")

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        return (weights @ self._similarity).toarray()
