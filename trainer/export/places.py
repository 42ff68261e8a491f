"""The places of items among all others, with and without parts of a request."""

import numpy as np
import tensorflow as tf

from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.ranks import hold_rows
from trainer.towers.query_tower import EncodedQuery

_MAX_COMPARED = 2048  # items that stand for a larger catalogue
_TOLERANCE = 1e-4  # of scores: an item is not ahead of itself by rounding


class Places(tf.Module):
    """Estimates which place an item has in the order of all scores.

    Scores of two requests do not compare: those of a user without history
    differ more from one another. Places do. In a catalogue of more than 2,048
    items, the 1,024 with the most events and as many of the others are
    compared with, and each of the others stands for several. Items without
    events compete as they do before the `prior` reorders them.
    """

    def __init__(
        self, vectors: np.ndarray, counts: np.ndarray, scorer: CatalogueScorer
    ):
        """Chooses the items to compare with.

        Args:
            vectors: float32 `[N, D]`, the encoded catalogue.
            counts: int `[N]`, events of each item in training.
            scorer: the scores of the catalogue.
        """
        super().__init__(name="places")
        self._scorer = scorer
        rows, weights = _choose_compared(counts)
        extended = scorer.extend_items(vectors)
        self._terms = tf.Variable(
            extended[:, vectors.shape[1] :], trainable=False
        )
        self._rows = tf.constant(rows, tf.int32)
        self._weights = tf.constant(weights, tf.float32)
        self._extended = tf.Variable(extended[rows], trainable=False)

    def __call__(
        self,
        query: EncodedQuery,
        met: tf.Tensor,
        rows: tf.Tensor,
        vectors: tf.Tensor,
        scores: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds the places of candidates.

        Args:
            query: the encoded requests.
            met: int32 `[B, X]`, items that do not compete; N = none.
            rows: int32 `[B, K]`, the candidates.
            vectors: float32 `[B, K, D]`, of these.
            scores: float32 `[B, K]`, in the slate: after the `prior`.

        Returns:
            Places from 1 on, float32 `[B, 4, K]`: of the whole request,
            without history, without need and without both. And how far the
            `prior` moved the candidates, in logarithms of places; `[B, K]`.
        """
        batch = tf.shape(rows)[0]
        nothing = tf.fill(tf.shape(query.rows), self._terms.shape[0])
        queries = tf.concat(
            [query.queries[:, tf.newaxis], query.left_out], axis=1
        )
        asked = tf.stack(
            [
                self._scorer.extend_queries(queries[:, nth], history)
                for nth, history in enumerate([query.rows, nothing] * 2)
            ],
            axis=1,
        )
        others = tf.tile(self._rows[tf.newaxis], [batch, 1])
        linear = [
            self._scorer.gather_linear(
                history, tf.concat([rows, others], axis=1)
            )
            for history in (query.rows, nothing)
        ]
        extended = tf.concat([vectors, tf.gather(self._terms, rows)], axis=2)
        linear, compared = tf.split(
            tf.stack(linear * 2, axis=1), [tf.shape(rows)[1], -1], axis=2
        )
        own = linear + tf.einsum("bvd,bkd->bvk", asked, extended)
        compared += tf.einsum("bvd,rd->bvr", asked, self._extended)
        weights = tf.where(hold_rows(met, others), 0.0, self._weights)
        places = count_ahead(compared, weights, own)
        in_slate = count_ahead(compared[:, :1], weights, scores[:, tf.newaxis])
        lift = tf.math.log(places[:, 0]) - tf.math.log(in_slate[:, 0])
        is_moved = tf.abs(scores - own[:, 0]) > _TOLERANCE
        return places, tf.where(is_moved, lift, 0.0)

    def compare(
        self, scores: tf.Tensor, met: tf.Tensor, rows: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds the places of candidates by the scores of all items.

        Args:
            scores: float32 `[B, 4, N]`, of the `list_variants` of requests.
            met: as in `__call__`.
            rows: int32 `[B, K]`, the candidates.

        Returns:
            As of `__call__`; these scores have the `prior` in them.
        """
        others = tf.tile(self._rows[tf.newaxis], [tf.shape(rows)[0], 1])
        weights = tf.where(hold_rows(met, others), 0.0, self._weights)
        own = tf.gather(tf.transpose(scores, [0, 2, 1]), rows, batch_dims=1)
        compared = tf.gather(scores, self._rows, axis=2)
        places = count_ahead(compared, weights, tf.transpose(own, [0, 2, 1]))
        return places, tf.zeros_like(places[:, 0])


def list_variants(query: EncodedQuery, num_items: int) -> list[EncodedQuery]:
    """Lists a request whole, without history, without need, without both."""
    nothing = tf.fill(tf.shape(query.rows), num_items)
    no_history, no_need, neither = tf.unstack(query.left_out, axis=1)
    return [
        query,
        query._replace(queries=no_history, rows=nothing),
        query._replace(queries=no_need, need=None),
        query._replace(queries=neither, rows=nothing, need=None),
    ]


def count_ahead(
    scores: tf.Tensor, weights: tf.Tensor, own: tf.Tensor
) -> tf.Tensor:
    """Counts the items that score more than candidates do.

    Args:
        scores: float32 `[B, V, R]`, of R items for V requests.
        weights: float32 `[B, R]`, how many items each of them stands for.
        own: float32 `[B, V, K]`, the candidates' scores.

    Returns:
        float32 `[B, V, K]`, the count plus 1.
    """
    order = tf.argsort(scores, axis=2, direction="DESCENDING")
    ordered = tf.gather(scores, order, batch_dims=2)
    weights = tf.gather(
        tf.repeat(weights[:, tf.newaxis], tf.shape(scores)[1], axis=1),
        order,
        batch_dims=2,
    )
    ahead = tf.pad(tf.cumsum(weights, axis=2), [[0, 0], [0, 0], [1, 0]])
    shape = tf.shape(own)
    rows = shape[0] * shape[1]
    # `tf.searchsorted` would be this, but refuses an empty slate.
    at = tf.raw_ops.LowerBound(
        sorted_inputs=tf.reshape(-ordered, [rows, tf.shape(scores)[2]]),
        values=tf.reshape(-own - _TOLERANCE, [rows, shape[2]]),
    )
    return 1.0 + tf.gather(ahead, tf.reshape(at, shape), batch_dims=2)


def _choose_compared(counts):
    """Chooses items, and how many items each of them stands for."""
    order = np.argsort(-counts, kind="stable")
    if len(order) <= _MAX_COMPARED:
        return order, np.ones(len(order))
    first, rest = np.split(order, [_MAX_COMPARED // 2])
    number = _MAX_COMPARED - len(first)
    others = rest[np.arange(number) * len(rest) // number]
    weights = np.repeat([1.0, len(rest) / number], [len(first), number])
    return np.concatenate([first, others]), weights
