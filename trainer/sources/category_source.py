"""The source "categories" of the item representation."""

import tensorflow as tf

from trainer.inputs.windows import RowLookup
from trainer.sources.item_source import ItemSource


class CategorySource(ItemSource):
    """The mean of the embeddings of an item's categories.

    Features: int32 `[M, G]`, rows of the categories; -1 = none.
    """

    def __init__(self, items, config, settings):
        super().__init__(items, config, settings)
        names = list(items.categories) or [""]
        self._lookup = RowLookup(names)
        self._ids = self.keep("category_ids", items.category_ids)
        self._embedding = tf.keras.layers.Embedding(
            len(names), config.embedding_dim, name="category"
        )

    def look_up(self, rows, training=False):
        return tf.gather(self._ids, rows)

    def read(self, request, backbone):
        names = request["categories"]
        ids = self._lookup(names)
        is_known = (ids < self._lookup.num_items) & (names != "")
        return tf.where(is_known, ids, -1)

    def encode(self, features):
        labels = self._embedding(tf.maximum(features, 0))
        labelled = tf.cast(features >= 0, labels.dtype)[..., tf.newaxis]
        num_labels = tf.reduce_sum(labelled, axis=1)
        mean = tf.math.divide_no_nan(
            tf.reduce_sum(labels * labelled, axis=1), num_labels
        )
        return mean, num_labels[:, 0] > 0
