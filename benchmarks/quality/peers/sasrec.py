"""SASRec: a causal transformer that reads item ids."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries

_SEED = 42
_QUERIES_AT_ONCE = 64


@dataclass
class SasRec:
    """A causal transformer over item ids, softmax over the whole catalogue.

    All events of a user are learnt, cut into windows whose edges move from
    epoch to epoch.

    Source:
        Kang and McAuley, ICDM 2018, doi:10.1109/ICDM.2018.00035, with the
        loss of Klenitskiy and Vasilev, RecSys 2023,
        doi:10.1145/3604915.3610644.
    """

    num_factors: int = 64
    num_blocks: int = 2
    dropout: float = 0.2
    num_epochs: int = 20
    max_window: int = 50  # events; older ones are not read
    batch_size: int = 32  # windows

    def fit(self, train: Interactions) -> None:
        """Trains on the sequences of all users."""
        for _ in self.fit_epochs(train):
            pass

    def fit_epochs(self, train: Interactions) -> Iterator[int]:
        """Trains; yields how many epochs are over after each of them."""
        import tensorflow as tf

        import schemas  # noqa: F401  (picks the Keras version)

        tf.keras.utils.set_random_seed(_SEED)
        self._num_items = len(train.item_ids)
        self._model = _build_network(self, self._num_items)
        self._items = None
        optimizer = tf.keras.optimizers.Adam(1e-3, clipnorm=1.0)
        lots = np.random.default_rng(_SEED)
        sequences = _list_by_user(train)

        @tf.function(reduce_retracing=True)
        def learn(inputs, targets):
            is_target = targets < self._num_items
            with tf.GradientTape() as tape:
                states = self._model(inputs, training=True)
                states = tf.boolean_mask(states, is_target)
                table = self._model.get_layer("items").embeddings
                logits = tf.matmul(
                    states, table[: self._num_items], transpose_b=True
                )
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                    tf.boolean_mask(targets, is_target), logits
                )
                loss = tf.reduce_mean(losses)
            weights = self._model.trainable_variables
            gradients = tape.gradient(loss, weights)
            optimizer.apply_gradients(zip(gradients, weights, strict=True))

        for epoch in range(self.num_epochs):
            windows = self._cut(sequences, lots)
            lots.shuffle(windows)
            for first in range(0, len(windows), self.batch_size):
                batch = windows[first : first + self.batch_size]
                learn(batch[:, :-1], batch[:, 1:])
            yield epoch + 1

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        windows = np.full(
            (len(queries), self.max_window), self._num_items, np.int32
        )
        ends = np.zeros(len(queries), np.int64)
        for query in range(len(queries)):
            recent = queries.get_history(query)[-self.max_window :]
            windows[query, : len(recent)] = recent
            ends[query] = max(len(recent) - 1, 0)
        table = self._model.get_layer("items").embeddings.numpy()
        scores = np.zeros(weights.shape, np.float32)
        for first in range(0, len(queries), _QUERIES_AT_ONCE):
            rows = np.arange(first, min(first + _QUERIES_AT_ONCE, len(queries)))
            states = self._model(windows[rows], training=False).numpy()
            last = states[np.arange(len(rows)), ends[rows]]
            scores[rows] = last @ table[: self._num_items].T
        return scores

    def _cut(
        self, sequences: list[np.ndarray], lots: np.random.Generator
    ) -> np.ndarray:
        """Cuts sequences into inputs and the item after each of them.

        Returns:
            int32 `[W, L + 1]`, padded at the end with the number of items.
        """
        size = self.max_window
        windows = []
        for items in sequences:
            shift = lots.integers(size) if len(items) > size + 1 else 0
            for begin in range(-shift, len(items) - 1, size):
                window = items[max(begin, 0) : begin + size + 1]
                if len(window) > 1:
                    windows.append(window)
        padded = np.full((len(windows), size + 1), self._num_items, np.int32)
        for row, window in zip(padded, windows, strict=True):
            row[: len(window)] = window
        return padded


def _build_network(settings: SasRec, num_items: int):
    """Builds int32 `[B, L]` item ids -> float32 `[B, L, D]` states."""
    import tensorflow as tf

    layers = tf.keras.layers
    width, dropout = settings.num_factors, settings.dropout
    ids = tf.keras.Input((settings.max_window,), dtype=tf.int32)

    def draw_small():
        return tf.keras.initializers.TruncatedNormal(stddev=0.05)

    items = layers.Embedding(
        num_items + 1, width, embeddings_initializer=draw_small(), name="items"
    )(ids)
    places = layers.Embedding(
        settings.max_window, width, embeddings_initializer=draw_small()
    )(tf.range(settings.max_window))
    states = layers.Dropout(dropout)(items * width**0.5 + places)
    # Padding stands at the end: what is causal never looks at it.
    for _ in range(settings.num_blocks):
        normed = layers.LayerNormalization(epsilon=1e-6)(states)
        heard = layers.MultiHeadAttention(1, width, dropout=dropout)(
            normed, states, use_causal_mask=True
        )
        states = layers.Add()([states, layers.Dropout(dropout)(heard)])
        normed = layers.LayerNormalization(epsilon=1e-6)(states)
        hidden = layers.Dense(width, activation="relu")(normed)
        hidden = layers.Dense(width)(layers.Dropout(dropout)(hidden))
        states = layers.Add()([states, layers.Dropout(dropout)(hidden)])
    states = layers.LayerNormalization(epsilon=1e-6)(states)
    return tf.keras.Model(ids, states)


def _list_by_user(train: Interactions) -> list[np.ndarray]:
    """Returns the items of each user, oldest first."""
    order = np.argsort(train.users, kind="stable")
    starts = np.flatnonzero(np.diff(train.users[order])) + 1
    return np.split(train.items[order], starts)
