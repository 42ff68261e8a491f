"""Soft prompts: seen by all tokens, in nobody's place, cut off again."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from tests.trainer.backbone.adaptation.small_backbone import build_decoder
from trainer.backbone.modules import SoftPrompts
from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import wrap_call

TEXTS = ["toy story", "the dog"]


@pytest.fixture(params=[build_backbone, build_decoder])
def backbone(request):
    return request.param()


def test_output_has_as_many_tokens_as_the_text(backbone):
    ids, mask = backbone.tokenize(tf.constant(TEXTS))
    prompts = SoftPrompts(2, 16, 3)
    prompts.start_from_tokens(backbone.model, seed=1)
    prompts.attach(backbone.model)
    widths = []
    for block in find_blocks(backbone.model):
        sublayer = block._self_attention_layer

        def record(call, *args, **kwargs):
            output = call(*args, **kwargs)
            widths.append(output.shape[1])
            return output

        wrap_call(sublayer, record)
    vectors = backbone.compute_vectors(ids, mask)
    # Inside, attention runs over three prompts more.
    assert widths == [ids.shape[1] + 3] * 2
    assert vectors.shape == (2, 16)


def test_prompts_start_as_what_blocks_read_of_tokens(backbone):
    prompts = SoftPrompts(2, 16, 3)
    prompts.start_from_tokens(backbone.model, seed=1)
    (values,) = (v.numpy() for v in prompts.variables)
    scale = []
    for block in find_blocks(backbone.model):

        def record(call, hidden, **kwargs):
            scale.append(float(tf.math.reduce_std(hidden)))
            return call(hidden, **kwargs)

        wrap_call(block, record)
    backbone.compute_vectors(*backbone.tokenize(tf.constant(TEXTS)))
    for one, expected in zip(values, scale, strict=True):
        assert one.std() == pytest.approx(expected, rel=0.6)


def test_tokens_keep_their_distances(backbone):
    """Prompts equal to nothing but a mask that hides them: no change."""
    ids, mask = backbone.tokenize(tf.constant(TEXTS))
    before = backbone.compute_vectors(ids, mask).numpy()
    prompts = SoftPrompts(2, 16, 3)
    blocks = find_blocks(backbone.model)
    for block in blocks:  # put on first: innermost

        def hide(call, hidden, **kwargs):
            for name, value in kwargs.items():
                if name.endswith("padding_mask"):
                    hidden_part = tf.zeros_like(value[:, :3])
                    kwargs[name] = tf.concat([hidden_part, value[:, 3:]], 1)
            return call(hidden, **kwargs)

        wrap_call(block, hide)
    prompts.start_from_tokens(backbone.model, seed=1)
    prompts.attach(backbone.model)
    after = backbone.compute_vectors(ids, mask).numpy()
    np.testing.assert_allclose(after, before, atol=1e-4)
