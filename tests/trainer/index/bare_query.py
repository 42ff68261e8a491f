"""Queries that nothing but their vector and history is known of."""

import tensorflow as tf

from trainer.towers.query_tower import EncodedQuery


def build_query(queries, histories, **more) -> EncodedQuery:
    """Builds queries `[B, D]` of histories `[B, L]`; the rest is None."""
    nothing = dict.fromkeys(EncodedQuery._fields)
    known = {
        "queries": tf.constant(queries, tf.float32),
        "rows": tf.constant(histories, tf.int32),
    }
    return EncodedQuery(**{**nothing, **known, **more})
