"""Finds slates in large catalogues without scoring every item."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from trainer.config import IndexConfig
from trainer.export.candidate_filter import CandidateFilter
from trainer.index.ivf_index import IvfIndex
from trainer.index.restriction import Restriction
from trainer.index.take_best import take_top
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.content_prior import reorder
from trainer.scoring.ranks import EXCLUDED
from trainer.scoring.ranks import hold_rows
from trainer.scoring.ranks import put_non_finite_last
from trainer.towers.query_tower import EncodedQuery

_NEW_SHARE = 0.1  # of queries that have no history; only affects the index


class PartitionedSearch(tf.Module):
    """The blend of `CatalogueScorer` over an `IvfIndex`.

    The linear models know few items: these are always scored exactly. Every
    other term of the blend is a product of a query's and an item's number, so
    it becomes a further dimension of the index, and candidates are found by
    their whole score, not only by the towers'.

    Differs from scoring everything in two ways: an item in a partition that
    is not probed is missed, and untried items that a constraint leaves out
    do not swap places with others (see `ContentPrior`).
    """

    def __init__(
        self,
        vectors: np.ndarray,
        scorer: CatalogueScorer,
        candidate_filter: CandidateFilter,
        config: IndexConfig,
    ):
        """Builds the index.

        Args:
            vectors: float32 `[N, D]`, the encoded catalogue.
            scorer: the scores of the catalogue.
            candidate_filter: the filter of requests.
            config: of the index.
        """
        super().__init__(name="partitioned_search")
        self._scorer = scorer
        self._filter = candidate_filter
        self._num_items, self._width = vectors.shape
        lifts = np.zeros(self._num_items, np.float32)
        self._is_lifted = bool(scorer.prior and scorer.prior.is_used)
        is_untried = np.zeros(self._num_items + 1, bool)
        if self._is_lifted:
            lifts[scorer.prior.rows] = scorer.prior.lifts
            is_untried[scorer.prior.rows] = True
        extended = np.column_stack([scorer.extend_items(vectors), lifts])
        self._num_terms = extended.shape[1] - self._width
        known, others = self._divide_items(is_untried[:-1])
        self._known_rows = tf.constant(known, tf.int32)
        self._known = _variable(extended[known, :-1])
        nowhere = np.array([self._num_items], np.int32)
        self._other_rows = _variable(np.concatenate([others, nowhere]))
        self._lifts = _variable(np.pad(lifts, (0, 1)))
        self._is_untried = _variable(is_untried)
        place = np.zeros(self._num_items, np.int32)
        place[others] = np.arange(len(others))
        place[known] = len(others) + np.arange(len(known))
        self._place = _variable(place)
        self._measure_untried(extended[others[is_untried[others]], :-1])
        self._index = None
        if len(others):
            moment = self._guess_moment(vectors)
            self._index = IvfIndex(extended[others], moment, config)

    def __call__(
        self, query: EncodedQuery, request: Mapping[str, tf.Tensor], met
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Finds the slates.

        Args:
            query: the encoded requests.
            request: the constraints and `k`.
            met: int32 `[B, X]`, excluded rows; N = none.

        Returns:
            As of `take_top`, with rows of the catalogue.
        """
        # Each excluded item may take the place of another one.
        wanted = tf.reduce_max(tf.concat([request["k"], [0]], axis=0))
        wanted = tf.minimum(wanted + tf.shape(met)[1], self._num_items)
        scores, rows = self._collect(
            query,
            wanted,
            self._filter.bind(request),
        )
        width = tf.minimum(wanted, tf.shape(scores)[1])
        scores, at = tf.math.top_k(put_non_finite_last(scores), width)
        rows = tf.gather(rows, at, batch_dims=1)
        scores = tf.where(hold_rows(met, rows), EXCLUDED, scores)
        scores, at, shown = take_top(scores, request["k"])
        rows = tf.gather(rows, at, batch_dims=1)
        return scores, tf.where(shown, rows, 0), shown

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of catalogue rows, float32 `[..., D]`."""
        place = tf.gather(self._place, rows)
        if self._index is None:
            return tf.gather(self._known, place)[..., : self._width]
        num_others = self._index.num_items
        vectors = self._index.gather(tf.minimum(place, num_others - 1))
        vectors = vectors[..., : self._width]
        if not len(self._known_rows):
            return vectors
        known = tf.gather(self._known, tf.maximum(place - num_others, 0))
        return tf.where(
            (place < num_others)[..., tf.newaxis],
            vectors,
            known[..., : self._width],
        )

    def score_all(self, queries: tf.Tensor) -> tf.Tensor:
        """Multiplies queries `[B, D]` with all items; float32 `[B, N]`."""
        known = self._known[:, : self._width]
        scores = tf.matmul(queries, known, transpose_b=True)
        if self._index is not None:
            missing = tf.zeros([tf.shape(queries)[0], self._num_terms])
            others = self._index.score_all(tf.concat([queries, missing], 1))
            scores = tf.concat([others, scores], axis=1)
        return tf.gather(scores, self._place, axis=1)

    def _collect(self, query, count, restriction: Restriction):
        """Gathers candidates with their scores, each `[B, C]`."""
        batch = tf.shape(query.queries)[0]
        asked = self._scorer.extend_queries(query.queries, query.rows)
        scores = tf.matmul(asked, self._known, transpose_b=True)
        linear = self._scorer.score_linear(query.rows)
        scores += tf.gather(linear, self._linear_columns, axis=1)
        spread = self._measure_spread(asked, scores)
        rows = tf.broadcast_to(self._known_rows, tf.shape(scores))
        scores = restriction.apply(scores, lambda: rows, tf.range(batch))
        if self._index is not None:
            found, where = self._search(asked, spread, count, restriction)
            scores = tf.concat([scores, found], axis=1)
            rows = tf.concat([rows, where], axis=1)
        if self._is_lifted:
            scores = self._reorder(scores, rows, spread)
        return scores, rows

    def _search(self, asked, spread, count, restriction):
        """Finds items by their scores, and by their prior."""
        queries = tf.pad(asked, [[0, 0], [0, 1]])
        if not self._is_lifted:
            return self._look(queries, count, restriction)
        batch = tf.shape(asked)[0]
        lifted = tf.concat([asked, spread], axis=1)
        scores, rows = self._look(
            tf.concat([queries, lifted], axis=0),
            count,
            Restriction(
                restriction.is_any,
                lambda rows, at: restriction.allows(rows, at % batch),
            ),
        )
        plain, again = rows[:batch], rows[batch:]
        known = hold_rows(plain, again)
        found = scores[batch:] - spread * tf.gather(self._lifts, again)
        found = tf.where(known, EXCLUDED, found)
        return (
            tf.concat([scores[:batch], found], axis=1),
            tf.concat([plain, again], axis=1),
        )

    def _look(self, queries, count, restriction):
        """Searches the index; returns rows of the catalogue."""
        scores, rows = self._index.search(
            queries,
            count,
            Restriction(
                restriction.is_any,
                lambda rows, at: restriction.allows(
                    tf.gather(self._other_rows, rows), at
                ),
            ),
        )
        return scores, tf.gather(self._other_rows, rows)

    def _reorder(self, scores, rows, spread):
        """Reorders the untried candidates by their prior."""
        first = self._num_tried
        own, rows = scores[:, first:], rows[:, first:]
        takes_part = tf.gather(self._is_untried, rows) & (own > EXCLUDED / 2)
        lifts = tf.gather(self._lifts, rows)
        reordered = reorder(own, lifts, spread, takes_part)
        return tf.concat([scores[:, :first], reordered], axis=1)

    def _divide_items(self, is_untried):
        """Splits the catalogue by whether linear models know an item."""
        linear = self._scorer.linear_rows
        tried, untried = linear[~is_untried[linear]], linear[is_untried[linear]]
        known = np.concatenate([tried, untried]).astype(np.int32)
        self._num_tried = len(tried)
        columns = np.searchsorted(linear, known)
        self._linear_columns = columns.astype(np.int32)
        others = np.setdiff1d(np.arange(self._num_items), linear)
        return known, others.astype(np.int32)

    def _measure_untried(self, others):
        """Keeps the moments of the untried items outside `known`."""
        width = others.shape[1]
        self._num_others = float(len(others))
        mean, covariance = np.zeros(width), np.zeros((width, width))
        if len(others):
            mean = others.mean(axis=0, dtype=np.float64)
            covariance = np.cov(others.T.astype(np.float64), bias=True)
        self._mean = tf.constant(mean, tf.float32)
        self._covariance = tf.constant(covariance, tf.float32)

    def _measure_spread(self, asked, known):
        """Standard deviation of all untried items' scores, `[B, 1]`."""
        if not self._is_lifted:
            return tf.zeros([tf.shape(asked)[0], 1])
        own = known[:, self._num_tried :]
        total = self._num_others + float(own.shape[1])
        others = tf.linalg.matvec(asked, self._mean)
        mean = self._num_others * others + tf.reduce_sum(own, axis=1)
        mean /= total
        spread = tf.einsum("bd,de,be->b", asked, self._covariance, asked)
        squares = self._num_others * (spread + (others - mean) ** 2)
        squares += tf.reduce_sum((own - mean[:, tf.newaxis]) ** 2, axis=1)
        return tf.sqrt(tf.nn.relu(squares / total))[:, tf.newaxis]

    def _guess_moment(self, vectors):
        """The mean outer product of the extended queries.

        Where no query was seen, queries are taken to be like items.
        """
        towers = self._scorer.query_moment
        if towers is None:
            towers = vectors.T @ vectors / len(vectors)
        towers = towers * float(self._scorer.weights[0]) ** 2
        moment = np.zeros([self._width + self._num_terms] * 2)
        moment[: self._width, : self._width] = towers
        moment[-3, -3] = 1.0
        moment[-2, -2] = _NEW_SHARE
        covariance = self._covariance.numpy()[: self._width, : self._width]
        moment[-1, -1] = 0.5 * np.sum(covariance * towers)
        return moment


def _variable(value):
    return tf.Variable(value, trainable=False)
