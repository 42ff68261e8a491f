"""Blocks, wrappers and copies of backbones."""

import keras
import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from trainer.backbone.modules.transformer_blocks import copy_backbone
from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import get_sublayer
from trainer.backbone.modules.transformer_blocks import wrap_call

TEXTS = tf.constant(["toy story"])


@pytest.fixture(scope="module")
def backbone():
    return build_backbone()


def test_blocks_come_lowest_first(backbone):
    names = [block.name for block in find_blocks(backbone.model)]
    assert names == ["transformer_layer_0", "transformer_layer_1"]


def test_model_without_blocks_is_refused():
    with pytest.raises(ValueError, match="Received: Sequential"):
        find_blocks(keras.Sequential([keras.layers.Dense(1)]))


def test_missing_sublayer_is_named(backbone):
    block = find_blocks(backbone.model)[0]
    with pytest.raises(ValueError, match=r"nowhere.*TransformerEncoder"):
        get_sublayer(block, ("nowhere",))


def test_wrappers_nest_and_come_off(backbone):
    def compute():
        tokens = backbone.tokenize(TEXTS)
        return backbone.compute_vectors(*tokens).numpy()

    before = compute()
    block = find_blocks(backbone.model)[1]
    undo = [
        wrap_call(block, lambda call, x, **rest: call(x, **rest) + 1.0),
        wrap_call(block, lambda call, x, **rest: 0.0 * call(x, **rest)),
    ]
    # The second is outermost: all outputs are zero, so are the vectors.
    np.testing.assert_array_equal(compute(), np.zeros([1, 16]))
    undo.pop()()
    assert np.abs(compute() - before).max() > 1e-3
    undo.pop()()
    np.testing.assert_allclose(compute(), before, atol=1e-6)


def test_copy_has_the_weights_and_lets_the_original_be(backbone):
    before = backbone.encode(TEXTS).numpy()
    copy = copy_backbone(backbone.model, seed=1)
    tokens = backbone.tokenize(TEXTS)
    np.testing.assert_allclose(
        backbone.compute_vectors(*tokens, model=copy), before, atol=1e-6
    )
    for weight in copy.weights:
        weight.assign(0.0 * weight)
    np.testing.assert_allclose(backbone.encode(TEXTS), before, atol=1e-6)


def test_copy_of_a_model_with_tied_embeddings_has_them_tied():
    model = keras_hub.models.Llama3Backbone(
        vocabulary_size=8,
        num_layers=1,
        num_query_heads=2,
        num_key_value_heads=1,
        hidden_dim=4,
        intermediate_dim=4,
        tie_word_embeddings=True,
    )
    copy = copy_backbone(model, seed=1)
    for one, other in zip(copy.weights, model.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_dropout_of_a_copy_follows_the_seed(backbone):
    def draw(seed):
        return backbone.compute_vectors(
            *backbone.tokenize(TEXTS),
            training=True,
            model=copy_backbone(backbone.model, seed),
        ).numpy()

    np.testing.assert_allclose(draw(1), draw(1), atol=1e-6)
    assert np.abs(draw(1) - draw(2)).max() > 1e-3
