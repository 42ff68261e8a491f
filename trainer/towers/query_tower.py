"""The query tower: a causal transformer over the history window."""

import math
from typing import NamedTuple

import tensorflow as tf

from trainer.config import TowerConfig
from trainer.needs.said_need import SaidNeed

_NUM_TIME_BUCKETS = 32
_TIME_BUCKETS_PER_LOG = 1.6  # bucket 31 starts at 2^(31/1.6) s = 8 days

_NUM_DISTANCES = 64


class Window(NamedTuple):
    """A batch of history windows, oldest event first, padded at the end.

    Attributes:
        rows: int32 `[B, L]`, catalogue rows; N = item not in the catalogue.
        event_type: int32 `[B, L]`.
        gap: int32 `[B, L]`, bucket of the time since the event before.
        value: float32 `[B, L]`, scaled; 0 where there is none.
        has_value: float32 `[B, L]`, 1 where there is a value.
        timestamp: int64 `[B, L]`, seconds.
        mask: bool `[B, L]`, false = padding.
    """

    rows: tf.Tensor
    event_type: tf.Tensor
    gap: tf.Tensor
    value: tf.Tensor
    has_value: tf.Tensor
    timestamp: tf.Tensor
    mask: tf.Tensor


class QueryStates(NamedTuple):
    """The query tower's states after 0, 1, ..., L events.

    Attributes:
        states: float32 `[B, L + 1, D]`; state t has seen the first t events.
        attention: float32 `[B, H, L + 1, L + 1]` of the last block.
        values: float32 `[B, H, L + 1, D]`, what each position adds to a
            state of the last block if it gets all of a head's attention.
    """

    states: tf.Tensor
    attention: tf.Tensor
    values: tf.Tensor


class EncodedQuery(NamedTuple):
    """A batch of requests after the query tower.

    Attributes:
        queries: float32 `[B, D]`, which items are searched by: what attracts,
            less what dislikes repel. The need is apart.
        attention: float32 `[B, H, L + 1]`, of the query state to the learned
            beginning and to each event; sums to one.
        values: float32 `[B, H, L + 1, D]`, what each of them adds under it.
        newest: float32 `[B, D]`, what the newest event changed in the query;
            zeros where there is none.
        num_events: int32 `[B]`, the places before it are events.
        rows: int32 `[B, L]`, the window's catalogue rows; N = unknown.
        attracted: float32 `[B, D]`, the query tower's own queries, with the
            need.
        places: int32 `[B, L]`, where in the request each event was.
        disliked_rows: int32 `[B, S]`, what repels; N = none.
        left_out: float32 `[B, 3, D]`, `queries` without history, without need
            and without both.
        need: what is said in words; None = nothing in the whole batch.
    """

    queries: tf.Tensor
    attention: tf.Tensor
    values: tf.Tensor
    newest: tf.Tensor
    num_events: tf.Tensor
    rows: tf.Tensor
    attracted: tf.Tensor
    places: tf.Tensor
    disliked_rows: tf.Tensor
    left_out: tf.Tensor
    need: SaidNeed | None = None


class QueryTower(tf.keras.layers.Layer):
    """Encodes a window at every position, the empty history included.

    A learned "begin" position stands before the first event, so an empty
    window is a legal query. Attention has biases for the distance of an event,
    in events and in time.

    Input: a `Window` and its items' vectors, float32 `[B, L, D]`.
    Output: `QueryStates`.

    Source:
        Kang and McAuley, SASRec, ICDM 2018, doi:10.1109/ICDM.2018.00035;
        relative time bias: Zhai et al., HSTU, ICML 2024, arXiv:2402.17152.
    """

    def __init__(
        self, num_event_types: int, num_gaps: int, config: TowerConfig
    ):
        super().__init__(name="query_tower")
        width = config.embedding_dim
        self._begin = self.add_weight(
            name="begin", shape=(1, 1, width), initializer="random_normal"
        )
        self._event_type = _embedding(num_event_types, width, "event_type")
        self._gap = _embedding(num_gaps, width, "gap")
        self._value = tf.keras.layers.Dense(width, name="value")
        self._norm = _norm("input_norm")
        self._dropout = tf.keras.layers.Dropout(config.dropout)
        self._blocks = [
            _Block(config, name=f"block_{i}") for i in range(config.num_blocks)
        ]
        self._final_norm = _norm("final_norm")

    def call(self, window, item_vectors, training=False):
        known = window.has_value
        value = tf.stack([window.value * known, known], axis=-1)
        events = (
            tf.cast(item_vectors, self.compute_dtype)
            + self._event_type(window.event_type)
            + self._gap(window.gap)
            + self._value(value)
        )
        batch = tf.shape(events)[0]
        begin = tf.tile(tf.cast(self._begin, events.dtype), [batch, 1, 1])
        hidden = tf.concat([begin, events], axis=1)
        hidden = self._dropout(self._norm(hidden), training=training)
        mask, distance, elapsed = _relations(window)
        for block in self._blocks:
            hidden, attention, values = block(
                hidden, mask, distance, elapsed, training=training
            )
        states = tf.cast(self._final_norm(hidden), tf.float32)
        return QueryStates(
            states,
            tf.cast(attention, tf.float32),
            tf.cast(values, tf.float32),
        )


def _embedding(size, width, name):
    return tf.keras.layers.Embedding(size, width, name=name)


def _norm(name):
    return tf.keras.layers.LayerNormalization(epsilon=1e-6, name=name)


def _relations(window):
    """Builds the causal mask, and distances in events and in time.

    Returns:
        bool `[B, 1, L+1, L+1]`, int32 `[L+1, L+1]`, int32 `[B, L+1, L+1]`.
    """
    size = tf.shape(window.rows)[1] + 1
    position = tf.range(size)
    distance = position[:, tf.newaxis] - position[tf.newaxis]
    causal = distance >= 0
    filled = tf.pad(window.mask, [[0, 0], [1, 0]], constant_values=True)
    mask = causal[tf.newaxis] & filled[:, tf.newaxis, :]
    # The begin position stands at the time of the first event.
    first = tf.pad(window.timestamp, [[0, 0], [0, 1]])[:, :1]
    time = tf.concat([first, window.timestamp], axis=1)
    seconds = time[:, :, tf.newaxis] - time[:, tf.newaxis, :]
    seconds = tf.cast(tf.maximum(seconds, 0), tf.float32)
    bucket = tf.math.log1p(seconds) * (_TIME_BUCKETS_PER_LOG / math.log(2.0))
    elapsed = tf.minimum(tf.cast(bucket, tf.int32), _NUM_TIME_BUCKETS - 1)
    distance = tf.clip_by_value(distance, 0, _NUM_DISTANCES - 1)
    return mask[:, tf.newaxis], distance, elapsed


class _Block(tf.keras.layers.Layer):
    """Pre-norm attention and feed-forward, with relative biases."""

    def __init__(self, config: TowerConfig, name: str):
        super().__init__(name=name)
        width, self._heads = config.embedding_dim, config.num_heads
        if width % self._heads:
            raise ValueError(
                "`num_heads` must divide `embedding_dim`. Received:"
                f" num_heads={self._heads}, embedding_dim={width}."
            )
        self._head_dim = width // self._heads
        self._norm_1, self._norm_2 = _norm("norm_1"), _norm("norm_2")
        self._qkv = tf.keras.layers.Dense(3 * width, name="qkv")
        self._out = self.add_weight(
            name="out",
            shape=(self._heads, self._head_dim, width),
            initializer="glorot_uniform",
        )
        self._distance_bias = self.add_weight(
            name="distance_bias",
            shape=(_NUM_DISTANCES, self._heads),
            initializer="zeros",
        )
        self._time_bias = self.add_weight(
            name="time_bias",
            shape=(_NUM_TIME_BUCKETS, self._heads),
            initializer="zeros",
        )
        self._expand = tf.keras.layers.Dense(
            4 * width, activation="gelu", name="expand"
        )
        self._contract = tf.keras.layers.Dense(width, name="contract")
        self._dropout = tf.keras.layers.Dropout(config.dropout)

    def call(self, hidden, mask, distance, elapsed, training=False):
        batch, size = tf.shape(hidden)[0], tf.shape(hidden)[1]
        qkv = tf.reshape(
            self._qkv(self._norm_1(hidden)),
            [batch, size, 3, self._heads, self._head_dim],
        )
        query, key, value = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        logits = tf.matmul(query, key, transpose_b=True)
        logits = tf.cast(logits, tf.float32) / math.sqrt(self._head_dim)
        bias = tf.transpose(tf.gather(self._distance_bias, distance), [2, 0, 1])
        logits += tf.cast(bias, tf.float32)[tf.newaxis]
        bias = tf.transpose(tf.gather(self._time_bias, elapsed), [0, 3, 1, 2])
        logits += tf.cast(bias, tf.float32)
        logits = tf.where(mask, logits, -1e9)
        attention = tf.cast(tf.nn.softmax(logits), hidden.dtype)
        added = tf.einsum(
            "bhld,hdw->bhlw", value, tf.cast(self._out, hidden.dtype)
        )
        dropped = self._dropout(attention, training=training)
        context = tf.matmul(dropped, value)
        context = tf.einsum(
            "bhld,hdw->blw", context, tf.cast(self._out, hidden.dtype)
        )
        hidden += self._dropout(context, training=training)
        update = self._contract(self._expand(self._norm_2(hidden)))
        hidden += self._dropout(update, training=training)
        return hidden, attention, added
