"""The needs of a batch of requests, encoded."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from trainer.backbone.text_backbone import TextBackbone


class SaidNeed(NamedTuple):
    """What a batch of requests says in words.

    Attributes:
        text: string `[B]`, "" = nothing.
        vectors: float32 `[B, T]` of `TextBackbone.encode_need`; zeros where
            nothing is said.
        queries: float32 `[B, D]`, what it adds to the towers' queries.
    """

    text: tf.Tensor
    vectors: tf.Tensor
    queries: tf.Tensor


def encode_needs(
    text: tf.Tensor,
    scenario: tf.Tensor,
    backbone: TextBackbone,
    encode: Callable[[tf.Tensor], tf.Tensor],
) -> SaidNeed:
    """Encodes needs, each once; an empty need costs and adds nothing.

    Args:
        text: string `[B]`, "" = none.
        scenario: string `[B]`.
        backbone: reads the texts.
        encode: brings float32 `[B, T]` into the space of queries, `[B, D]`;
            zeros to zeros.
    """
    is_told = text != ""

    def read():
        pairs = tf.strings.join([text, scenario], separator="\n")
        distinct, place = tf.unique(pairs)
        first = tf.math.unsorted_segment_min(
            tf.range(tf.size(text)), place, tf.size(distinct)
        )
        vectors = backbone.encode_need(
            tf.gather(text, first), tf.gather(scenario, first)
        )
        vectors = tf.gather(vectors, place)
        return tf.where(is_told[:, tf.newaxis], vectors, 0.0)

    def skip():
        return tf.zeros([tf.shape(text)[0], backbone.embedding_dim])

    vectors = tf.cond(tf.reduce_any(is_told), read, skip)
    return SaidNeed(text, vectors, encode(vectors))
