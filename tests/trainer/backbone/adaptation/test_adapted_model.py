"""The base of all methods: nothing learns, nothing changes."""

import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from trainer.backbone.adaptation.adapted_model import AdaptedModel


def test_model_of_which_nothing_learns_costs_and_changes_nothing():
    backbone = build_backbone()
    fingerprint = backbone.fingerprint
    adapted = AdaptedModel(backbone.model)
    assert adapted.trainable_variables == []
    assert float(adapted.compute_penalty()) == 0.0
    adapted.end_step([])
    adapted.merge(backbone)
    assert backbone.fingerprint == fingerprint
    texts = tf.constant(["toy"])
    tokens = backbone.tokenize(texts)
    tf.debugging.assert_near(
        backbone.compute_vectors(*tokens, model=adapted.model),
        backbone.encode(texts),
    )
