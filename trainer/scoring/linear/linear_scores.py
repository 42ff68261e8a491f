"""Linear item-item models inside the graph."""

import numpy as np
import tensorflow as tf

from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import NeighbourTable
from trainer.scoring.linear.sequences import weigh_lags


class LinearScores(tf.Module):
    """Scores the catalogue by one linear model.

    Core operations only: gathers the neighbours of the last events and adds
    them up, so the cost of a request does not depend on the size of the
    catalogue, except for the final row of scores.

    Attributes:
        num_items: N, the size of the catalogue.
        item_rows: int32 `[M]`, sorted: all items whose score can differ from
            zero.
    """

    def __init__(self, model: LinearModel):
        """Keeps the tables as variables, outside the 2 GB of a graph."""
        super().__init__(name=f"linear_{model.name}")
        self.num_items = len(model.prior)
        said = [np.flatnonzero(model.prior)]
        said += [table.neighbours.ravel() for table in model.tables]
        self.item_rows = np.unique(np.concatenate(said)).astype(np.int32)
        self._prior = tf.Variable(model.prior[self.item_rows], trainable=False)
        # One more place, always 0, is for items without a score.
        place = np.full(self.num_items + 1, len(self.item_rows), np.int32)
        place[self.item_rows] = np.arange(len(self.item_rows))
        self._place = tf.Variable(place, trainable=False)
        self._tables = [_Table(table, place) for table in model.tables]

    def __call__(self, rows: tf.Tensor) -> tf.Tensor:
        """Scores all items.

        Args:
            rows: int32 `[B, L]`, the history, oldest first, padded at the
                end; N = padding or unknown.

        Returns:
            float32 `[B, N]`.
        """
        scores = tf.pad(self.score_known(rows), [[0, 0], [0, 1]])
        return tf.gather(scores, self._place[:-1], axis=1)

    def score_known(self, rows: tf.Tensor) -> tf.Tensor:
        """Scores `item_rows` only; float32 `[B, M]`."""
        newest_first = _reverse(rows, self.num_items)
        batch = tf.shape(rows)[0]
        scores = tf.tile(self._prior[tf.newaxis], [batch, 1])
        for table in self._tables:
            scores = table.add_to(scores, newest_first)
        return scores

    def attribute(self, rows: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """Splits the score of each candidate by event of the history.

        Args:
            rows: int32 `[B, L]`, as in `__call__`.
            candidates: int32 `[B, K]`, catalogue rows.

        Returns:
            float32 `[B, K, L]`, in the order of `rows`; sums to the score
            without the prior.
        """
        newest_first = _reverse(rows, self.num_items)
        candidates = tf.gather(self._place, candidates)
        shares = tf.add_n(
            [t.attribute(newest_first, candidates) for t in self._tables]
        )
        length = _lengths(rows, self.num_items)
        place = tf.range(tf.shape(rows)[1])
        lag = length[:, tf.newaxis] - 1 - place  # of each event
        found = tf.gather(shares, tf.maximum(lag, 0), axis=2, batch_dims=1)
        return tf.where((lag >= 0)[:, tf.newaxis], found, 0.0)


class _Table(tf.Module):
    """One `NeighbourTable` as variables; items are their places."""

    def __init__(self, table: NeighbourTable, places: np.ndarray):
        super().__init__()
        num_items = len(places) - 1
        self._num_known = places[-1]
        # Row 0 is for items without weights: unknown, rare, padding.
        place = np.zeros(num_items + 1, np.int32)
        place[table.item_rows] = np.arange(1, len(table.item_rows) + 1)
        self._place = tf.Variable(place, trainable=False)
        # In the order of the ids, so that `attribute` finds a candidate by
        # bisection; where an id repeats (filling), its weight comes first.
        order = np.lexsort((-np.abs(table.weights), table.neighbours))
        nothing = ((1, 0), (0, 0))
        neighbours = np.take_along_axis(table.neighbours, order, axis=1)
        neighbours = places[neighbours]
        weights = np.take_along_axis(table.weights, order, axis=1)
        self._neighbours = tf.Variable(
            np.pad(neighbours, nothing), trainable=False
        )
        self._weights = tf.Variable(np.pad(weights, nothing), trainable=False)
        self._lag_weights = tf.constant(weigh_lags(table.half_life))

    def add_to(self, scores, newest_first):
        """Adds up the weights of the history; float32 `[B, M]`."""
        place, lag_weights = self._look_up(newest_first)
        neighbours = tf.gather(self._neighbours, place)  # [B, J, K]
        weights = tf.gather(self._weights, place) * lag_weights
        # Unlike those of a scatter, its rows run in parallel.
        flat = [tf.shape(place)[0], tf.reduce_prod(tf.shape(neighbours)[1:])]
        return scores + tf.raw_ops.DenseBincount(
            input=tf.reshape(neighbours, flat),
            size=self._num_known,
            weights=tf.reshape(weights, flat),
        )

    def attribute(self, newest_first, candidates):
        """Splits the score by event; float32 `[B, C, L]`."""
        place, lag_weights = self._look_up(newest_first)
        neighbours = tf.gather(self._neighbours, place)
        weights = tf.gather(self._weights, place) * lag_weights
        batch, events = tf.shape(place)[0], tf.shape(place)[1]
        wanted = tf.repeat(candidates[:, tf.newaxis], events, axis=1)
        width = tf.shape(neighbours)[2]
        # `tf.searchsorted` would be this, but refuses an empty slate.
        at = tf.raw_ops.LowerBound(
            sorted_inputs=tf.reshape(neighbours, [batch * events, width]),
            values=tf.reshape(
                wanted, [batch * events, tf.shape(candidates)[1]]
            ),
        )
        at = tf.minimum(tf.reshape(at, tf.shape(wanted)), width - 1)
        is_found = tf.gather(neighbours, at, batch_dims=2) == wanted
        share = tf.where(is_found, tf.gather(weights, at, batch_dims=2), 0.0)
        share = tf.transpose(share, [0, 2, 1])
        missing = tf.shape(newest_first)[1] - tf.shape(place)[1]
        return tf.pad(share, [[0, 0], [0, 0], [0, missing]])

    def _look_up(self, newest_first):
        recent = newest_first[:, : self._lag_weights.shape[0]]
        size = tf.shape(recent)[1]
        lag_weights = self._lag_weights[:size][tf.newaxis, :, tf.newaxis]
        return tf.gather(self._place, recent), lag_weights


def _lengths(rows, num_items):
    """Events up to the last known one of each row, int32 `[B]`."""
    place = tf.range(1, tf.shape(rows)[1] + 1)
    return tf.reduce_max(
        tf.pad(tf.where(rows < num_items, place, 0), [[0, 0], [0, 1]]), axis=1
    )


def _reverse(rows, num_items):
    """Reverses each row: newest event first, padding N at the end."""
    return tf.reverse_sequence(rows, _lengths(rows, num_items), seq_axis=1)
