"""Items that the same people took."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from benchmarks.interactions import Interactions
from benchmarks.queries import Queries

_ROWS_AT_ONCE = 1024  # items compared with all others together


@dataclass
class ItemKnn:
    """Adds up the similarity of an item to those of the history.

    Source:
        Sarwar et al., WWW 2001, doi:10.1145/371920.372071. With "tfidf" a
        user counts the less the more items the user has.
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
        norms = np.sqrt(by_item.power(2).sum(axis=1))
        scale = 1.0 / np.maximum(norms, np.finfo(np.float64).tiny)
        unit = (sp.diags_array(scale) @ by_item).tocsr().astype(np.float32)
        self._similarity = sp.vstack(
            [
                self._find_neighbors(unit, first)
                for first in range(0, shape[0], _ROWS_AT_ONCE)
            ],
            format="csr",
        )

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        return (weights @ self._similarity).toarray()

    def _find_neighbors(self, unit: sp.csr_array, first: int) -> sp.csr_array:
        block = (unit[first : first + _ROWS_AT_ONCE] @ unit.T).toarray()
        rows = np.arange(len(block))
        block[rows, first + rows] = 0.0  # an item is no neighbour of itself
        count = min(self.num_neighbors, block.shape[1])
        nearest = np.argpartition(-block, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(block, nearest, axis=1)
        offsets = np.arange(len(block) + 1) * count
        result = sp.csr_array(
            (values.ravel(), nearest.ravel(), offsets), block.shape
        )
        result.eliminate_zeros()
        return result
