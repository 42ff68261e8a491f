"""Fine-tuning: which weights learn, and what stays until the merge."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from tests.trainer.backbone.adaptation.small_backbone import build_decoder
from trainer.backbone.adaptation.tuned_weights import tune_all
from trainer.backbone.adaptation.tuned_weights import tune_top_layers


def _count(adapted):
    return sum(int(np.prod(v.shape)) for v in adapted.trainable_variables)


def test_all_weights_learn_but_those_no_vector_depends_on():
    backbone = build_backbone()
    total = sum(int(np.prod(w.shape)) for w in backbone.model.weights)
    # BERT's pooled dense layer: 16 x 16 and 16 biases.
    assert _count(tune_all(backbone, seed=1)) == total - 272


def test_top_layer_of_an_encoder_is_its_last_block():
    adapted = tune_top_layers(build_backbone(), 1, seed=1)
    # Attention: 4 x (16 x 16 + 16); feed-forward: 16 x 32 + 32 + 32 x 16 +
    # 16; two norms: 2 x 2 x 16. Together 1088 + 1072 + 64.
    assert _count(adapted) == 2224


def test_top_layer_of_a_decoder_comes_with_the_final_norm():
    adapted = tune_top_layers(build_decoder(), 1, seed=1)
    # Attention: 16 x 16 twice, 16 x 8 twice; feed-forward: 3 x 16 x 32;
    # norms: two of the block and the final one, 16 each.
    assert _count(adapted) == 768 + 1536 + 48


def test_more_layers_than_there_are_is_refused():
    with pytest.raises(ValueError, match=r"at most 2.*num_top_layers=3"):
        tune_top_layers(build_backbone(), 3, seed=1)


def test_original_changes_at_the_merge_only():
    backbone = build_backbone()
    texts = tf.constant(["toy story"])
    before = backbone.encode(texts).numpy()
    adapted = tune_all(backbone, seed=1)
    for variable in adapted.trainable_variables:
        variable.assign_add(0.1 * tf.ones_like(variable))
    np.testing.assert_allclose(backbone.encode(texts), before, atol=1e-6)
    learned = backbone.compute_vectors(
        *backbone.tokenize(texts), model=adapted.model
    )
    adapted.merge(backbone)
    np.testing.assert_allclose(backbone.encode(texts), learned, atol=1e-6)
    assert np.abs(learned - before).max() > 1e-3
