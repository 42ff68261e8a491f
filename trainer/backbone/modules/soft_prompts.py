"""Trained vectors before the tokens in every block."""

import functools

import keras_hub
import numpy as np
import tensorflow as tf

from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import wrap_call

_MASKS = ("padding_mask", "decoder_padding_mask")


class SoftPrompts:
    """Prompt vectors prepended inside a frozen backbone.

    Each block reads its own P vectors before the tokens; their outputs are
    dropped, and the next block's prompts replace them. They are added after the
    embeddings, hence
    - learned absolute positions (BERT, RoBERTa, GPT-2): the tokens keep the
      positions they were pretrained with, the prompts have none and learn
      theirs along, and the longest text stays as long as it was;
    - rotary positions (Llama, Mistral, Qwen) and relative ones: the prompts
      take the first P positions and move the tokens on by P, which leaves
      all distances between tokens as they were.
    In decoders all tokens see all prompts. Pooling never sees any.

    Source:
        Lester et al., EMNLP 2021, arXiv:2104.08691, prepends to the first
        layer only; Li and Liang, ACL 2021, arXiv:2101.00190, to all, as keys
        and values. Ours are hidden states as of Jia et al., ECCV 2022,
        arXiv:2203.12119 ("deep").

    Attributes:
        settings: the arguments to build it again, JSON-able.
        variables: one, float32 `[L, P, W]` for L blocks of width W.
    """

    KIND = "soft_prompts"

    def __init__(self, num_blocks: int, hidden_dim: int, prompt_length: int):
        self.settings = {
            "num_blocks": num_blocks,
            "hidden_dim": hidden_dim,
            "prompt_length": prompt_length,
        }
        self._length = prompt_length
        self._prompts = tf.Variable(
            tf.zeros([num_blocks, prompt_length, hidden_dim]), name="prompts"
        )
        self.variables = [self._prompts]

    def start_from_tokens(
        self, model: keras_hub.models.Backbone, seed: int
    ) -> None:
        """Initialises the prompts with the blocks' inputs for random tokens.

        Args:
            model: the prompts are not attached to it yet.
            seed: of the draw from the vocabulary.
        """
        found = []

        def record(call, hidden, *args, **kwargs):
            found.append(hidden[0])
            return call(hidden, *args, **kwargs)

        blocks = find_blocks(model)
        undo = [wrap_call(block, record) for block in blocks]
        inputs = {
            name: tf.zeros([1, self._length], tf.int32) for name in model.input
        }
        inputs["padding_mask"] = tf.ones_like(inputs["padding_mask"])
        inputs["token_ids"] = tf.constant(
            np.random.default_rng(seed).integers(
                model.vocabulary_size, size=(1, self._length)
            ),
            tf.int32,
        )
        model(inputs)
        for take_off in undo:
            take_off()
        self._prompts.assign(tf.cast(tf.stack(found), tf.float32))

    def attach(self, model: keras_hub.models.Backbone) -> None:
        """Adds the prompts to the model's computation.

        Raises:
            ValueError: the model has no blocks to prepend prompts to.
        """
        for index, block in enumerate(find_blocks(model)):
            wrap_call(block, functools.partial(self._call_block, index))

    def _call_block(self, index, call, hidden, **kwargs):
        batch = tf.shape(hidden)[0]
        prompts = tf.cast(self._prompts[index], hidden.dtype)
        prompts = tf.repeat(prompts[tf.newaxis], batch, axis=0)
        masks = [name for name in _MASKS if kwargs.get(name) is not None]
        if not masks:
            raise ValueError(
                f"A block must be given one of {_MASKS} to prepend prompts"
                f" to. Received: {sorted(kwargs)}."
            )
        for name in masks:
            seen = tf.ones([batch, self._length], kwargs[name].dtype)
            kwargs[name] = tf.concat([seen, kwargs[name]], axis=1)
        output = call(tf.concat([prompts, hidden], axis=1), **kwargs)
        return output[:, self._length :]
