"""Searches the partitions nearest to a query."""

import numpy as np
import tensorflow as tf

from trainer.config import IndexConfig
from trainer.index.leading_blocks import LeadingBlocks
from trainer.index.partitions import divide
from trainer.index.residuals import Residuals
from trainer.index.restriction import Restriction
from trainer.index.rotation import fit_rotation
from trainer.index.take_best import take_best
from trainer.scoring.ranks import EXCLUDED

_NUM_LEADING = 16  # dimensions that choose the survivors
_SAMPLE = 100_000  # vectors that the basis is fitted to
_OUTLIER = 2.0  # standard deviations from a partition's mean to its best item
_PLACES_AT_ONCE = 65_536  # of a full scan: bounds memory
_SEED = 0
# Of the leading dimensions, which decide, and of the others.
_PRECISIONS = {"none": ("float32", "float32"), "int8": ("float16", "int8")}


class IvfIndex(tf.Module):
    """Partitions by k-means; core operations only.

    For the partitions that may hold the best scores, whole blocks of leading
    dimensions are gathered and multiplied, forbidden items are left out, and
    the other dimensions complete the scores of the survivors. If a query finds
    too few allowed items in these partitions, all partitions are searched.

    Items are stored once, in the order of the partitions.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        query_moment: np.ndarray,
        config: IndexConfig,
    ):
        """Builds the index.

        Args:
            vectors: float32 `[N, D]`, one per item, at least one.
            query_moment: float `[D, D]`, as of `fit_rotation`.
            config: how many partitions there are and are probed, and how
                vectors are kept.
        """
        super().__init__(name="ivf_index")
        self.num_items, dim = vectors.shape
        rng = np.random.default_rng(_SEED)
        drawn = vectors[
            np.sort(
                rng.choice(
                    self.num_items, min(self.num_items, _SAMPLE), replace=False
                )
            )
        ]
        turn = fit_rotation(drawn, query_moment)
        turned = vectors @ turn.astype(np.float32)
        self._split = min(_NUM_LEADING, dim)
        found = divide(
            np.ascontiguousarray(turned[:, : self._split]),
            config.num_partitions,
            _SEED,
        )
        self._num_partitions, self._block = found.shape
        self._num_candidates = config.num_candidates
        self._num_probes = min(config.num_probes, self._num_partitions)
        centres, residuals = _centre(turned, found)
        del turned
        split = self._split
        leading, other = _PRECISIONS[config.quantisation]
        is_item = found < self.num_items
        self._leading = LeadingBlocks(residuals[..., :split], is_item, leading)
        self._other = Residuals(residuals[..., split:], other)
        place = np.zeros(self.num_items + 1, np.int32)
        place[found.ravel()] = np.arange(found.size)
        self._centres = _variable(centres)
        self._variances = _variable(
            _measure_variances(residuals[..., :split], is_item)
        )
        self._rows = _variable(found)
        self._place = _variable(place[:-1])
        self._query_turn = _variable(np.linalg.inv(turn).T.astype(np.float32))
        self._item_return = _variable(np.linalg.inv(turn).astype(np.float32))

    def search(
        self,
        queries: tf.Tensor,
        count: tf.Tensor | int,
        restriction: Restriction | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds the items of the largest dot products.

        Args:
            queries: float32 `[B, D]`.
            count: R, how many items each query wants.
            restriction: the allowed items of each query; None = all.

        Returns:
            Dot products float32 `[B, R]`, largest first, `EXCLUDED` where
            there is no item, and catalogue rows int32 `[B, R]`.
        """
        turned = tf.matmul(queries, self._query_turn)
        central = tf.matmul(turned, self._centres, transpose_b=True)
        scores, rows, num_found = self._probe(
            turned, central, count, restriction
        )
        if self._num_probes == self._num_partitions:
            return scores, rows
        # A count beyond the catalogue must not search further.
        is_short = num_found < tf.minimum(
            count + self._num_candidates, self.num_items
        )

        def widen():
            at = tf.cast(tf.where(is_short)[:, 0], tf.int32)
            found = self._scan(
                tf.gather(turned, at),
                tf.gather(central, at),
                count,
                at,
                restriction,
            )
            return tuple(
                tf.tensor_scatter_nd_update(old, at[:, tf.newaxis], new)
                for old, new in zip((scores, rows), found, strict=True)
            )

        is_needed = tf.reduce_any(is_short) & tf.greater(count, 0)
        return tf.cond(is_needed, widen, lambda: (scores, rows))

    def score_all(self, queries: tf.Tensor) -> tf.Tensor:
        """Computes every dot product, exactly; float32 `[B, N]`."""
        turned = tf.matmul(queries, self._query_turn)
        central = tf.matmul(turned, self._centres, transpose_b=True)
        scores = self._score_range(turned, central, 0, self._num_partitions)
        return tf.gather(scores, self._place, axis=1)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns vectors of catalogue rows, float32 `[..., D]`."""
        place = tf.gather(self._place, rows)
        vectors = tf.gather(self._centres, place // self._block) + tf.concat(
            [self._leading.gather(place), self._other.gather(place)], axis=-1
        )
        return tf.tensordot(vectors, self._item_return, 1)

    def _probe(self, turned, central, count, restriction):
        """Searches the partitions that may hold the best scores.

        Returns:
            Scores and rows as of `search`, and int32 `[B]`, how many allowed
            items were among the survivors.
        """
        leading, other = turned[:, : self._split], turned[:, self._split :]
        # The best item is rarely in the partition with the best mean; more
        # often in one with a good mean and a large variance in the query's
        # direction.
        width = tf.sqrt(tf.matmul(leading**2, self._variances))
        _, partitions = tf.math.top_k(
            central + _OUTLIER * width, self._num_probes, sorted=False
        )
        best = tf.gather(central, partitions, batch_dims=1)
        scores = self._leading.score_partitions(leading, partitions)
        scores = tf.reshape(
            scores + best[..., tf.newaxis],
            [tf.shape(turned)[0], self._num_probes * self._block],
        )
        if restriction is not None:
            scores = restriction.apply(
                scores,
                lambda: self._hide_padding(
                    tf.reshape(
                        tf.gather(self._rows, partitions), tf.shape(scores)
                    )
                ),
                tf.range(tf.shape(turned)[0]),
            )
        scores, slot = take_best(scores, count + self._num_candidates)
        place = slot % self._block + self._block * tf.gather(
            partitions, slot // self._block, batch_dims=1
        )
        rows = tf.gather(tf.reshape(self._rows, [-1]), place)
        full = scores + self._other.score_places(other, place)
        is_found = scores > EXCLUDED / 2
        full = tf.where(is_found, full, EXCLUDED)
        full, at = tf.math.top_k(full, tf.minimum(count, tf.shape(full)[1]))
        rows = tf.gather(rows, at, batch_dims=1)
        return (
            *_fill(full, rows, count, self.num_items),
            tf.reduce_sum(tf.cast(is_found, tf.int32), axis=1),
        )

    def _scan(self, turned, central, count, at, restriction):
        """Searches all partitions, some at a time."""
        step = max(1, _PLACES_AT_ONCE // self._block)
        empty = tf.zeros([tf.shape(turned)[0], 0])
        best = _fill(empty, tf.cast(empty, tf.int32), count, self.num_items)

        def advance(first, scores, rows):
            last = tf.minimum(first + step, self._num_partitions)
            found = self._score_range(turned, central, first, last)
            new = tf.reshape(self._rows[first:last], [1, -1])
            new = tf.broadcast_to(new, tf.shape(found))
            if restriction is not None:
                found = restriction.apply(
                    found, lambda: self._hide_padding(new), at
                )
            scores = tf.concat([scores, found], axis=1)
            rows = tf.concat([rows, new], axis=1)
            scores, slot = tf.math.top_k(scores, count)
            return last, scores, tf.gather(rows, slot, batch_dims=1)

        _, scores, rows = tf.while_loop(
            lambda first, *_: first < self._num_partitions,
            advance,
            (tf.constant(0), *best),
            shape_invariants=(
                tf.TensorShape([]),
                tf.TensorShape([None, None]),
                tf.TensorShape([None, None]),
            ),
        )
        return scores, rows

    def _hide_padding(self, rows):
        """Replaces padding by an item; its score is low."""
        return tf.minimum(rows, self.num_items - 1)

    def _score_range(self, turned, central, first, last):
        """Scores every place of some partitions."""
        leading = turned[:, : self._split]
        scores = self._leading.score_range(leading, first, last)
        places = first * self._block, last * self._block
        scores += self._other.score_range(turned[:, self._split :], *places)
        return scores + tf.repeat(central[:, first:last], self._block, axis=1)


def _centre(vectors, rows):
    """Takes the mean of each partition off its vectors.

    Returns:
        float32 `[P, D]`, and float32 `[P, S, D]`, zeros at padding.
    """
    is_item = (rows < len(vectors))[..., np.newaxis]
    blocks = vectors[np.minimum(rows, max(len(vectors) - 1, 0))]
    blocks *= is_item
    centres = blocks.sum(axis=1) / np.maximum(is_item.sum(axis=1), 1)
    blocks -= centres[:, np.newaxis]
    blocks *= is_item
    return centres.astype(np.float32), blocks


def _measure_variances(residuals, is_item):
    """Mean square of each partition's residuals, float32 `[M, P]`."""
    counts = is_item.sum(axis=1)
    squares = np.einsum("psm,psm->mp", residuals, residuals)
    return (squares / np.maximum(counts, 1)).astype(np.float32)


def _fill(scores, rows, count, num_items):
    """Pads `[B, X]` to `[B, count]` with "no item"."""
    padding = [[0, 0], [0, tf.maximum(count - tf.shape(scores)[1], 0)]]
    scores = tf.pad(scores, padding, constant_values=EXCLUDED)
    rows = tf.pad(rows, padding, constant_values=num_items)
    return scores, tf.where(scores > EXCLUDED / 2, rows, num_items)


def _variable(value):
    return tf.Variable(value, trainable=False)
