"""Finds slates by scoring every item."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from trainer.export.candidate_filter import CandidateFilter
from trainer.index.brute_force_index import BruteForceIndex
from trainer.index.take_best import take_top
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.towers.query_tower import EncodedQuery


class ExactSearch(tf.Module):
    """The blend of `CatalogueScorer` over all items."""

    def __init__(
        self,
        vectors: np.ndarray,
        scorer: CatalogueScorer,
        candidate_filter: CandidateFilter,
    ):
        """Keeps float32 `[N, D]`, the encoded catalogue."""
        super().__init__(name="exact_search")
        self._scorer = scorer
        self._filter = candidate_filter
        self._index = BruteForceIndex(vectors)

    def __call__(
        self, query: EncodedQuery, request: Mapping[str, tf.Tensor], met
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Finds the slates.

        Args:
            query: the encoded requests.
            request: the constraints and `k`.
            met: int32 `[B, X]`, excluded rows; N = none.

        Returns:
            As of `take_top`.
        """
        scores = self._scorer(self.score_all(query.queries), query.rows)
        return take_top(self._filter(scores, request, met), request["k"])

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of catalogue rows, float32 `[..., D]`."""
        return self._index.gather(rows)

    def score_all(self, queries: tf.Tensor) -> tf.Tensor:
        """Multiplies queries `[B, D]` with all items; float32 `[B, N]`."""
        return self._index.score_all(queries)
