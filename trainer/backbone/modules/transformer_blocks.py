"""Finds the blocks of a KerasHub backbone and wraps their layers."""

from collections.abc import Callable
from typing import Any

import keras
import keras_hub
import tensorflow as tf

Wrapper = Callable[..., Any]  # (the layer's own call, *its arguments)


def find_blocks(model: keras_hub.models.Backbone) -> list[keras.layers.Layer]:
    """Returns the transformer blocks, lowest first.

    Raises:
        ValueError: the backbone keeps no list of its blocks.
    """
    blocks = getattr(model, "transformer_layers", None)
    if not blocks:
        raise ValueError(
            "The backbone must keep its blocks in `transformer_layers`, as"
            " KerasHub's text encoders and decoders do. Received:"
            f" {type(model).__name__}."
        )
    return list(blocks)


def get_sublayer(
    block: keras.layers.Layer, names: tuple[str, ...]
) -> keras.layers.Layer:
    """Returns the first part of a block that has one of these names.

    Raises:
        ValueError: it has none of them.
    """
    for name in names:
        if hasattr(block, name):
            return getattr(block, name)
    raise ValueError(
        f"A transformer block must have a layer named one of {names}."
        f" Received: {type(block).__name__}."
    )


def wrap_call(
    layer: keras.layers.Layer, wrapper: Wrapper
) -> Callable[[], None]:
    """Replaces a layer's call by `wrapper`.

    The layer keeps its weights, its name and its place, so that files and
    configs of the model stay as they are.

    Args:
        layer: a built layer.
        wrapper: called with the layer's call as it was, then its arguments.

    Returns:
        A function that removes the wrapper. Remove wrappers in the reverse
        order.
    """
    inner = layer.call

    def call(*args, **kwargs):
        return wrapper(inner, *args, **kwargs)

    def undo() -> None:
        layer.call = inner

    layer.call = call
    return undo


def get_seed_states(
    model: keras_hub.models.Backbone,
) -> list[keras.Variable]:
    """Returns the states of the random generators behind the dropout."""
    weights = {id(weight) for weight in model.weights}
    return [state for state in model.variables if id(state) not in weights]


def copy_backbone(
    original: keras_hub.models.Backbone, seed: int
) -> keras_hub.models.Backbone:
    """Copies architecture and weights.

    Args:
        original: not changed; wrappers are not copied.
        seed: of the dropout of the copy, for Keras would draw its own.
    """
    config = original.get_config()
    if hasattr(original, "tie_word_embeddings"):
        # Llama 3's config forgets it (KerasHub 0.32), and an untied copy has
        # one weight more.
        config["tie_word_embeddings"] = original.tie_word_embeddings
    copy = type(original).from_config(config)
    copy.set_weights(original.get_weights())
    for index, state in enumerate(get_seed_states(copy)):
        state.assign(tf.constant([seed, index], state.dtype))
    return copy
