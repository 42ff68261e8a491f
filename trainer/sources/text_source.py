"""The source "text" of the item representation."""

import tensorflow as tf

from trainer.inputs.item_table import TEXT_SCALE
from trainer.sources.item_source import ItemSource

_NEED_NOISE = 0.03  # per component: a need has other words than the item


class TextSource(ItemSource):
    """Title, categories and description, by the language model.

    Every item has a text. Needs are texts of the same space.

    Features: float32 `[M, T]`, unit length.

    Attributes:
        text_vectors: float32 `[N, T]`, those of the catalogue.
    """

    reads_words = True

    def __init__(self, items, config, settings):
        super().__init__(items, config, settings)
        self.text_vectors = self.keep("text_vectors", items.text_vectors)
        self._projection = tf.keras.layers.Dense(
            config.embedding_dim, name="text"
        )

    def look_up(self, rows, training=False):
        return tf.gather(self.text_vectors, rows)

    def read(self, request, backbone):
        return backbone.encode(
            compose_item_texts(
                request["title"],
                request["categories"],
                request["description"],
            )
        )

    def encode(self, features):
        is_known = tf.ones(tf.shape(features)[:1], tf.bool)
        return self._projection(TEXT_SCALE * features), is_known

    def encode_need(self, text_vectors: tf.Tensor) -> tf.Tensor:
        """Encodes the text of a need like a text of an item.

        Args:
            text_vectors: float32 `[M, T]`, unit length.

        Returns:
            float32 `[M, D]`.
        """
        vectors, _ = self.encode(text_vectors)
        return tf.cast(vectors, tf.float32)

    def draw_need(self, rows: tf.Tensor) -> tf.Tensor:
        """Builds training needs for items of the catalogue.

        Args:
            rows: int32 `[M]`.

        Returns:
            float32 `[M, D]`, as of `encode_need`.
        """
        text = self.look_up(rows)
        noise = tf.random.normal(tf.shape(text), stddev=_NEED_NOISE)
        return self.encode_need(tf.math.l2_normalize(text + noise, axis=-1))


def compose_item_texts(
    title: tf.Tensor, categories: tf.Tensor, description: tf.Tensor
) -> tf.Tensor:
    """Builds the text of `schemas.item_text` in the graph.

    Args:
        title: string `[B]`.
        categories: string `[B, G]`, padded with "".
        description: string `[B]`.

    Returns:
        string `[B]`.
    """
    names = tf.ragged.boolean_mask(categories, categories != "")
    parts = tf.stack(
        [
            title,
            tf.strings.reduce_join(names, axis=1, separator=", "),
            description,
        ],
        axis=1,
    )
    told = tf.ragged.boolean_mask(parts, parts != "")
    return tf.strings.reduce_join(told, axis=1, separator=". ")
