"""The source "id": an embedding per item, learnt from behaviour."""

import numpy as np
import tensorflow as tf

from trainer.sources.item_source import ItemSource


class IdSource(ItemSource):
    """An embedding per item that occurs in training.

    Other items share the "absent" vector. Training drops ids at random, so that
    the towers learn to work without them.

    Features: int32 `[M]`, row of the embedding; 0 = absent.

    Source:
        Id dropout: Volkovs et al., DropoutNet, NIPS 2017.
    """

    is_behavior = True

    def __init__(self, items, config, settings):
        super().__init__(items, config, settings)
        self._dropout = config.id_dropout
        is_trained = items.counts > 0
        rows = np.where(is_trained, np.cumsum(is_trained), 0)
        self._rows = self.keep("id_rows", rows.astype(np.int32))
        self._embedding = tf.keras.layers.Embedding(
            int(is_trained.sum()) + 1, config.embedding_dim, name="id"
        )

    def update_counts(self, counts, absent):
        rows = self._rows.numpy()
        new = np.flatnonzero((counts > 0) & (rows == 0))
        if not len(new):
            return
        table = self._embedding.embeddings.numpy()
        rows[new] = len(table) + np.arange(len(new))
        # A new id starts as the absent one, so that no item changes.
        table = np.concatenate([table, np.tile(absent, (len(new), 1))])
        config = self._embedding.get_config() | {"input_dim": len(table)}
        self._embedding = tf.keras.layers.Embedding.from_config(config)
        self._embedding.build([None])
        self._embedding.set_weights([table])
        self._rows.assign(rows)

    def look_up(self, rows, training=False):
        id_rows = tf.gather(self._rows, rows)
        if training and self._dropout:
            kept = tf.random.uniform(tf.shape(rows)) >= self._dropout
            id_rows = tf.where(kept, id_rows, 0)
        return id_rows

    def read(self, request, backbone):
        return tf.zeros(tf.shape(request["title"]), tf.int32)

    def encode(self, features):
        return self._embedding(features), features > 0
