"""Gradient checkpointing: the same gradients, with dropout too."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from tests.trainer.backbone.adaptation.small_backbone import build_decoder
from trainer.backbone.adaptation.adalora import AdaLoraModel
from trainer.backbone.adaptation.carried_modules import add_adapters
from trainer.backbone.adaptation.carried_modules import add_prompts
from trainer.backbone.adaptation.checkpointing import checkpoint_blocks
from trainer.backbone.adaptation.tuned_weights import tune_all
from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.modules.transformer_blocks import get_seed_states
from trainer.config import AdaptationConfig

TEXTS = tf.constant(["toy story", "king of crime"])
METHODS = {
    "full": lambda one: tune_all(one, seed=1),
    "adapter": lambda one: add_adapters(one, 4, seed=1),
    "prefix": lambda one: add_prompts(one, 3, seed=1),
    "adalora": lambda one: AdaLoraModel(one, AdaptationConfig(), seed=1),
}


def _compute_gradients(backbone, adapted):
    """Losses of two steps, and the gradients of the second."""
    for index, state in enumerate(get_seed_states(adapted.model)):
        state.assign([1, index])
    tokens = backbone.tokenize(TEXTS)
    wanted = tf.random.stateless_normal([2, 16], [1, 2])
    variables = adapted.trainable_variables

    @tf.function(autograph=False)
    def compute():
        with tf.GradientTape() as tape:
            vectors = backbone.compute_vectors(
                *tokens, training=True, model=adapted.model
            )
            loss = tf.reduce_sum(vectors * wanted)
        return loss, tape.gradient(loss, variables)

    losses, gradients = zip(*(compute() for _ in range(2)), strict=True)
    return [float(loss) for loss in losses], gradients[1]


@pytest.fixture(scope="module")
def backbones():
    """No method changes the original before it is merged."""
    return {"encoder": build_backbone(), "decoder": build_decoder()}


@pytest.mark.parametrize(
    ("family", "method"),
    [*(("encoder", method) for method in METHODS), ("decoder", "prefix")],
)
def test_gradients_are_those_of_the_plain_model(backbones, family, method):
    backbone = backbones[family]
    adapted = METHODS[method](backbone)
    expected_losses, expected = _compute_gradients(backbone, adapted)
    with checkpoint_blocks(adapted.model):
        losses, gradients = _compute_gradients(backbone, adapted)
    # The second loss tells whether the random state moved on alike.
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    pairs = [
        [tf.convert_to_tensor(one).numpy() for one in pair]
        for pair in zip(gradients, expected, strict=True)
    ]
    for one, other in pairs:
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert max(np.abs(one).max() for one, _ in pairs) > 1e-3


def test_block_is_computed_again_for_the_gradient_inside_only(backbones):
    backbone = backbones["encoder"]
    adapted = tune_all(backbone, seed=1)
    calls = []
    block = find_blocks(adapted.model)[1]
    inner = block.call

    def count(*args, **kwargs):
        calls.append(1)
        return inner(*args, **kwargs)

    block.call = count

    def compute():
        calls.clear()
        with tf.GradientTape() as tape:
            vectors = backbone.compute_vectors(
                *backbone.tokenize(TEXTS), model=adapted.model
            )
        tape.gradient(vectors, adapted.trainable_variables)
        return len(calls)

    with checkpoint_blocks(adapted.model):
        assert compute() == 2
    assert compute() == 1
