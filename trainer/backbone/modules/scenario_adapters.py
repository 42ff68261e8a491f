"""Adapters of text vectors per scenario."""

from collections.abc import Sequence

import keras
import tensorflow as tf


class ScenarioAdapters:
    """One small adapter per scenario on the pooled vector of a query text.

    They come after the pooling and not in the blocks, so that they can be
    combined with every method of adaptation; and on the query side only, so
    that one index of item vectors serves all scenarios. A text of another
    scenario, or of none, passes unchanged.

    An adapter adds up(gelu(down(v))) to the vector and brings it back to
    length one; `up` starts at zero.

    Attributes:
        settings: the arguments to build it again, JSON-able.
        variables: `down` and `up`, float32 `[S, T, R]` and `[S, R, T]`.
    """

    KIND = "scenario_adapters"

    def __init__(
        self,
        scenarios: Sequence[str],
        embedding_dim: int,
        bottleneck_dim: int,
        seed: int,
    ):
        if not scenarios or "" in scenarios:
            raise ValueError(
                "`scenarios` must name at least one scenario, each by a"
                f" non-empty string. Received: {list(scenarios)}."
            )
        self.settings = {
            "scenarios": list(scenarios),
            "embedding_dim": embedding_dim,
            "bottleneck_dim": bottleneck_dim,
            "seed": seed,
        }
        self._scenarios = list(scenarios)
        # Unit vectors have components near 1 / sqrt(T).
        self._scale = float(embedding_dim) ** 0.5
        count = len(self._scenarios)
        start = keras.initializers.RandomNormal(
            stddev=1.0 / self._scale, seed=seed
        )
        self._down = tf.Variable(
            start((count, embedding_dim, bottleneck_dim)), name="down"
        )
        self._up = tf.Variable(
            tf.zeros([count, bottleneck_dim, embedding_dim]), name="up"
        )
        self.variables = [self._down, self._up]

    def apply(self, vectors: tf.Tensor, scenarios: tf.Tensor) -> tf.Tensor:
        """Applies the adapter of each text's scenario.

        Args:
            vectors: float32 `[B, T]`, unit length.
            scenarios: string `[B]`; "" = none.

        Returns:
            float32 `[B, T]`, unit length.
        """
        matches = scenarios[:, tf.newaxis] == tf.constant(self._scenarios)
        index = tf.argmax(tf.cast(matches, tf.int32), axis=1)
        hidden = tf.einsum(
            "bt,btr->br", self._scale * vectors, tf.gather(self._down, index)
        )
        added = tf.einsum(
            "br,brt->bt", tf.nn.gelu(hidden), tf.gather(self._up, index)
        )
        moved = tf.math.l2_normalize(vectors + added, axis=-1)
        is_known = tf.reduce_any(matches, axis=1, keepdims=True)
        return tf.where(is_known, moved, vectors)
