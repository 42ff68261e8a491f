"""The candidate tower: one vector per item from all that is known of it."""

import numpy as np
import tensorflow as tf

from trainer.config import TowerConfig
from trainer.inputs.item_table import TEXT_SCALE
from trainer.inputs.item_table import ItemTable

_SOURCES = ("text", "id", "category")  # in the order of the gate


class CandidateTower(tf.keras.layers.Layer):
    """Fuses text, id and categories into the item representation.

    A gate weighs the sources per item. A missing source is a learned
    "absent" vector, so that an item without history or without categories
    is not mistaken for one whose embedding happens to be zero; training
    drops ids at random, which is how the towers learn to do without.

    Items that never occur in training share one id row, the absent one.

    Input: rows of the catalogue, int32 `[M]`.
    Output: float32 `[M, D]`.

    Source:
        Id dropout: Volkovs et al., DropoutNet, NIPS 2017.
    """

    def __init__(self, items: ItemTable, config: TowerConfig):
        super().__init__(name="candidate_tower")
        width = config.embedding_dim
        self._id_dropout = config.id_dropout
        trained = items.counts > 0
        id_rows = np.where(trained, np.cumsum(trained), 0)  # 0 = absent
        self._id_rows = _constant(self, "id_rows", id_rows.astype(np.int32))
        self._text = _constant(self, "text_vectors", items.text_vectors)
        self._categories = _constant(self, "category_ids", items.category_ids)
        self._text_projection = tf.keras.layers.Dense(width, name="text")
        self._id_embedding = tf.keras.layers.Embedding(
            int(trained.sum()) + 1, width, name="id"
        )
        self._category_embedding = tf.keras.layers.Embedding(
            max(1, len(items.categories)), width, name="category"
        )
        self._gate = tf.keras.layers.Dense(len(_SOURCES), name="gate")
        self._absent = self.add_weight(
            name="absent",
            shape=(len(_SOURCES), width),
            initializer="random_normal",
        )

    def call(self, rows, training=False):
        id_rows = tf.gather(self._id_rows, rows)
        if training and self._id_dropout:
            kept = tf.random.uniform(tf.shape(rows)) >= self._id_dropout
            id_rows = tf.where(kept, id_rows, 0)
        return self.fuse(
            tf.gather(self._text, rows),
            tf.gather(self._categories, rows),
            id_rows,
        )

    def fuse(self, text_vectors, category_ids, id_rows):
        """Encodes items from their sources, known to training or not.

        Args:
            text_vectors: float32 `[M, T]`, unit length.
            category_ids: int32 `[M, G]`, -1 = padding.
            id_rows: int32 `[M]`, row of the id embedding; 0 = absent.

        Returns:
            float32 `[M, D]`.
        """
        sources, weights = self._weigh_sources(
            text_vectors, category_ids, id_rows
        )
        weighted = weights[..., tf.newaxis] * sources
        fused = len(_SOURCES) * tf.reduce_sum(weighted, axis=1)
        return tf.cast(fused, tf.float32)

    def compute_alignment_loss(self, rows):
        """Measures how far content alone lands from the whole item.

        The whole item, with what behaviour taught its id, stays put: only
        the content's side learns, so that an item without history is placed
        among those it will turn out to be like.

        Args:
            rows: int32 `[M]`, of the catalogue.

        Returns:
            float32 `[]`, mean squared distance over the items with an id; 0
            where there is none.

        Source:
            Zhu et al., SIGIR 2020, doi:10.1145/3397271.3401178, whose target
            is a factorisation trained before; ours is trained beside it.
        """
        text, categories = (
            tf.gather(self._text, rows),
            tf.gather(self._categories, rows),
        )
        id_rows = tf.gather(self._id_rows, rows)
        whole = tf.stop_gradient(self.fuse(text, categories, id_rows))
        content = self.fuse(text, categories, tf.zeros_like(id_rows))
        is_known = tf.cast(id_rows > 0, tf.float32)
        distance = tf.reduce_sum((content - whole) ** 2, axis=-1)
        return tf.math.divide_no_nan(
            tf.reduce_sum(distance * is_known), tf.reduce_sum(is_known)
        )

    def compute_source_shares(self, rows):
        """Tells how much the gate lets each source count.

        Args:
            rows: int32 `[M]`, of the catalogue.

        Returns:
            float32 `[M, S]` in the order of `source_names`; sums to one.
        """
        _, weights = self._weigh_sources(
            tf.gather(self._text, rows),
            tf.gather(self._categories, rows),
            tf.gather(self._id_rows, rows),
        )
        return tf.cast(weights, tf.float32)

    def _weigh_sources(self, text_vectors, category_ids, id_rows):
        """Returns the sources `[M, S, D]` and their weights `[M, S]`."""
        text = self._text_projection(TEXT_SCALE * text_vectors)
        ids = self._id_embedding(id_rows)
        labels = self._category_embedding(tf.maximum(category_ids, 0))
        labelled = tf.cast(category_ids >= 0, labels.dtype)[..., tf.newaxis]
        num_labels = tf.reduce_sum(labelled, axis=1)
        category = tf.math.divide_no_nan(
            tf.reduce_sum(labels * labelled, axis=1), num_labels
        )
        sources = tf.stack([text, ids, category], axis=1)
        present = tf.stack(
            [
                tf.ones_like(id_rows, tf.bool),
                id_rows > 0,
                num_labels[:, 0] > 0,
            ],
            axis=1,
        )
        absent = tf.cast(self._absent, sources.dtype)
        sources = tf.where(present[..., tf.newaxis], sources, absent)
        flat = tf.reshape(sources, [-1, len(_SOURCES) * sources.shape[-1]])
        return sources, tf.nn.softmax(self._gate(flat))

    def encode_need(self, text_vectors):
        """Brings a text vector into the space of the item texts.

        Args:
            text_vectors: float32 `[M, T]`, unit length.

        Returns:
            float32 `[M, D]`, what `fuse` makes of the text source alone.
        """
        return tf.cast(
            self._text_projection(TEXT_SCALE * text_vectors), tf.float32
        )

    @property
    def source_names(self):
        """Names of the S sources, in the order of the gate."""
        return _SOURCES

    @property
    def text_vectors(self):
        """float32 `[N, T]`, the catalogue's text vectors."""
        return self._text


def _constant(layer, name, value):
    """Keeps an array as a variable, outside the 2 GB limit of a graph."""
    return layer.add_weight(
        name=name,
        shape=value.shape,
        dtype=value.dtype,
        initializer=tf.constant_initializer(value),
        trainable=False,
    )
