"""Small bottlenecks between the frozen layers of a backbone."""

import functools

import keras
import keras_hub
import tensorflow as tf

from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import get_sublayer
from trainer.backbone.modules.transformer_blocks import wrap_call

# Names of the layers whose output enters a residual sum, by architecture.
_ATTENTION = ("_self_attention_layer", "attention")
_FEEDFORWARD = ("_feedforward_output_dense", "gating_ffw_linear")


class BottleneckAdapters:
    """Two adapters a block: after attention and after the feed-forward part.

    An adapter adds up(gelu(down(h))) to the layer's output, before the block's
    residual sum. `up` starts at zero: at first nothing changes.

    Source:
        Houlsby et al., ICML 2019, arXiv:1902.00751. They train the layer
        norms along with the adapters; here these stay frozen.

    Attributes:
        settings: the arguments to build it again, JSON-able.
        variables: `down`, its bias, `up` and its bias: float32
            `[2 L, W, R]`, `[2 L, R]`, `[2 L, R, W]`, `[2 L, W]` for L blocks
            of width W.
    """

    KIND = "bottleneck_adapters"

    def __init__(
        self, num_blocks: int, hidden_dim: int, bottleneck_dim: int, seed: int
    ):
        self.settings = {
            "num_blocks": num_blocks,
            "hidden_dim": hidden_dim,
            "bottleneck_dim": bottleneck_dim,
            "seed": seed,
        }
        count = 2 * num_blocks
        down = keras.initializers.RandomNormal(stddev=0.02, seed=seed)
        self._down = tf.Variable(
            down((count, hidden_dim, bottleneck_dim)), name="down"
        )
        self._down_bias = _zeros("down_bias", count, bottleneck_dim)
        self._up = _zeros("up", count, bottleneck_dim, hidden_dim)
        self._up_bias = _zeros("up_bias", count, hidden_dim)
        self.variables = [
            self._down,
            self._down_bias,
            self._up,
            self._up_bias,
        ]

    def attach(self, model: keras_hub.models.Backbone) -> None:
        """Adds the adapters to the model's computation.

        Raises:
            ValueError: the blocks have no layers to put adapters behind.
        """
        targets = [
            get_sublayer(block, names)
            for block in find_blocks(model)
            for names in (_ATTENTION, _FEEDFORWARD)
        ]
        for index, layer in enumerate(targets):
            wrap_call(layer, functools.partial(self._call_layer, index))

    def _call_layer(self, index, call, *args, **kwargs):
        output = call(*args, **kwargs)

        def get(variable):
            return tf.cast(variable[index], output.dtype)

        hidden = tf.matmul(output, get(self._down)) + get(self._down_bias)
        hidden = tf.nn.gelu(hidden)
        added = tf.matmul(hidden, get(self._up)) + get(self._up_bias)
        return output + added


def _zeros(name, *shape):
    return tf.Variable(tf.zeros(shape), name=name)
