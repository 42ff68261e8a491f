"""Adapters and prompts: attached to a copy, carried after the merge."""

import numpy as np
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from trainer.backbone.adaptation.carried_modules import add_adapters
from trainer.backbone.adaptation.carried_modules import add_prompts


def test_adapters_change_nothing_before_they_learn():
    backbone = build_backbone()
    adapted = add_adapters(backbone, 4, seed=1)
    texts = tf.constant(["toy story", "war"])
    tokens = backbone.tokenize(texts)
    np.testing.assert_allclose(
        backbone.compute_vectors(*tokens, model=adapted.model),
        backbone.encode(texts),
        atol=1e-6,
    )


def test_merged_backbone_answers_as_the_copy_did_and_not_before():
    texts = tf.constant(["toy story", "war"])
    for add in (add_adapters, add_prompts):
        backbone = build_backbone()
        before = backbone.encode(texts).numpy()
        weights = backbone.model.get_weights()
        adapted = add(backbone, 3, seed=1)
        for index, variable in enumerate(adapted.trainable_variables):
            noise = tf.random.stateless_normal(variable.shape, [7, index])
            variable.assign_add(noise)
        np.testing.assert_allclose(backbone.encode(texts), before, atol=1e-6)
        tokens = backbone.tokenize(texts)
        learned = backbone.compute_vectors(*tokens, model=adapted.model)
        adapted.merge(backbone)
        after = backbone.encode(texts).numpy()
        np.testing.assert_allclose(after, learned, atol=1e-5)
        assert np.abs(after - before).max() > 1e-3
        for one, other in zip(
            backbone.model.get_weights(), weights, strict=True
        ):
            np.testing.assert_array_equal(one, other)
