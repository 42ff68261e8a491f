"""Gradient checkpointing: keeps block inputs only, recomputes the rest."""

import contextlib
from collections.abc import Iterator

import keras
import keras_hub
import tensorflow as tf

from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import get_seed_states
from trainer.backbone.modules.transformer_blocks import wrap_call


@contextlib.contextmanager
def checkpoint_blocks(model: keras_hub.models.Backbone) -> Iterator[None]:
    """Makes each transformer block recompute its activations in this context.

    The gradient needs a block's activations; they are computed again from the
    block's input, block after block, instead of being kept for all blocks from
    the forward pass on. Graphs must be traced inside the context.

    Keras's own `RematScope` must be active when layers are built, and draws new
    dropout in the second computation, so that its gradient is not that of the
    loss. Here both computations start from the same random state.

    Args:
        model: a backbone with dropout or without.
    """
    states = get_seed_states(model)

    def call_block(call, hidden, *args, **kwargs):
        before = [tf.identity(state.value) for state in states]
        after = []

        @tf.recompute_grad
        def compute(hidden):
            with keras.StatelessScope(
                list(zip(states, before, strict=True)),
                initialize_variables=False,
            ) as scope:
                output = call(hidden, *args, **kwargs)
            after.append([scope.get_current_value(one) for one in states])
            return output

        output = compute(hidden)
        for state, value in zip(states, after[0], strict=True):
            state.assign(value)
        return output

    undo = [wrap_call(block, call_block) for block in find_blocks(model)]
    try:
        yield
    finally:
        for take_off in reversed(undo):
            take_off()
