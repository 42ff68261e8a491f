"""The candidate tower: one vector per item from its sources."""

import tensorflow as tf

from trainer.config import TowerConfig
from trainer.inputs.item_table import ItemTable
from trainer.sources import build_sources


class CandidateTower(tf.keras.layers.Layer):
    """Fuses the sources into the item representation.

    A gate weighs the sources per item. A missing source is a learned
    "absent" vector, so that an item without history or without categories
    is not mistaken for one whose embedding happens to be zero.

    Input: rows of the catalogue, int32 `[M]`.
    Output: float32 `[M, D]`.
    """

    def __init__(self, items: ItemTable, config: TowerConfig):
        super().__init__(name="candidate_tower")
        sources = build_sources(items, config)
        self._names = tuple(sources)
        self._sources = list(sources.values())
        self._gate = tf.keras.layers.Dense(len(sources), name="gate")
        self._absent = self.add_weight(
            name="absent",
            shape=(len(sources), config.embedding_dim),
            initializer="random_normal",
        )

    def call(self, rows, training=False):
        return self.fuse(self._look_up(rows, training))

    def update_counts(self, counts):
        """Makes room for what behaviour will teach of more items.

        The tower encodes every item as before until it is trained further.

        Args:
            counts: int `[N]`, events of each item by now.
        """
        absent = self._absent.numpy()
        for source, vector in zip(self._sources, absent, strict=True):
            source.update_counts(counts, vector)

    def fuse(self, features):
        """Encodes items from their features, known to training or not.

        Args:
            features: of each source `[M, ...]`, in the order of
                `source_names`.

        Returns:
            float32 `[M, D]`.
        """
        return self._mix(*self._encode(features))

    def read(self, request, backbone):
        """Finds the features of items that training has not met.

        Args:
            request: `signatures.ENCODE_ITEMS_INPUTS` of M items, and `inputs`.
            backbone: reads texts.

        Returns:
            Features for `fuse`.
        """
        return [source.read(request, backbone) for source in self._sources]

    def compute_alignment_loss(self, rows):
        """Measures how far the content vector is from the whole one.

        The whole item vector, which includes behaviour, gets no gradient: only
        the content's side learns, so that an item without events is placed near
        similar items.

        Args:
            rows: int32 `[M]`, of the catalogue.

        Returns:
            float32 `[]`, mean squared distance over the items that behaviour
            taught something of; 0 where there is none.

        Source:
            Zhu et al., SIGIR 2020, doi:10.1145/3397271.3401178, whose target
            is a factorisation trained before; ours is trained beside it.
        """
        vectors, present = self._encode(self._look_up(rows))
        whole = tf.stop_gradient(self._mix(vectors, present))
        is_behavior = tf.constant([s.is_behavior for s in self._sources])
        content = self._mix(vectors, present & ~is_behavior)
        is_known = tf.reduce_any(present & is_behavior, axis=1)
        is_known = tf.cast(is_known, tf.float32)
        distance = tf.reduce_sum((content - whole) ** 2, axis=-1)
        return tf.math.divide_no_nan(
            tf.reduce_sum(distance * is_known), tf.reduce_sum(is_known)
        )

    def compute_source_shares(self, rows):
        """Returns the gate's weight of each source.

        Args:
            rows: int32 `[...]`, of the catalogue.

        Returns:
            float32 `[..., S]` in the order of `source_names`; sums to one.
        """
        flat = tf.reshape(rows, [-1])
        _, weights = self._weigh(*self._encode(self._look_up(flat)))
        shape = tf.concat([tf.shape(rows), [len(self._sources)]], axis=0)
        return tf.reshape(tf.cast(weights, tf.float32), shape)

    def encode_need(self, text_vectors):
        """Brings the text of needs into the space of the items.

        Args:
            text_vectors: float32 `[M, T]`, unit length.

        Returns:
            float32 `[M, D]`, what the source that reads words makes of it.
        """
        return self._reader.encode_need(text_vectors)

    def read_text(self, features):
        """Finds the text vectors `[M, T]` among the features of `read`."""
        return features[self._sources.index(self._reader)]

    @property
    def text_vectors(self):
        """float32 `[N, T]`, unit length, what needs are compared with."""
        return self._reader.text_vectors

    def draw_need(self, rows):
        """Builds training needs for items; int32 `[M]` to float32 `[M, D]`."""
        return self._reader.draw_need(rows)

    @property
    def source_names(self):
        """Names of the S sources, in the order of the gate."""
        return self._names

    @property
    def inputs(self):
        """What the sources read of a new item beside what all do."""
        return {
            name: tensor
            for source in self._sources
            for name, tensor in source.inputs.items()
        }

    @property
    def _reader(self):
        return next(s for s in self._sources if s.reads_words)

    def _look_up(self, rows, training=False):
        return [source.look_up(rows, training) for source in self._sources]

    def _encode(self, features):
        """Encodes each source; `[M, S, D]`, and bool `[M, S]`, if present."""
        encoded = [
            source.encode(found)
            for source, found in zip(self._sources, features, strict=True)
        ]
        vectors, present = zip(*encoded, strict=True)
        vectors = [tf.cast(one, self.compute_dtype) for one in vectors]
        return tf.stack(vectors, axis=1), tf.stack(present, axis=1)

    def _weigh(self, vectors, present):
        """Puts "absent" where nothing is known; weights `[M, S]` for all."""
        absent = tf.cast(self._absent, vectors.dtype)
        vectors = tf.where(present[..., tf.newaxis], vectors, absent)
        flat = tf.reshape(vectors, [-1, vectors.shape[1] * vectors.shape[2]])
        return vectors, tf.nn.softmax(self._gate(flat))

    def _mix(self, vectors, present):
        """Sums the sources by their weights; float32 `[M, D]`."""
        vectors, weights = self._weigh(vectors, present)
        weighted = weights[..., tf.newaxis] * vectors
        fused = len(self._sources) * tf.reduce_sum(weighted, axis=1)
        return tf.cast(fused, tf.float32)
