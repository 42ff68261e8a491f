"""Needs are encoded once each, and only where there is one."""

import numpy as np
import tensorflow as tf

from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig
from trainer.needs.said_need import encode_needs


def _encode(preset, texts):
    backbone = load_text_backbone(TextBackboneConfig(preset=preset))
    texts = tf.constant(texts, tf.string, shape=[len(texts)])
    scenario = tf.fill(tf.shape(texts), "")
    need = encode_needs(texts, scenario, backbone, lambda one: 2.0 * one)
    return need, backbone


def test_each_text_gets_its_vector_and_none_gets_zeros(tiny_backbone_preset):
    texts = ["red house", "", "night", "red house"]
    need, backbone = _encode(tiny_backbone_preset, texts)
    expected = backbone.encode(tf.constant(texts)).numpy()
    expected[1] = 0.0
    np.testing.assert_allclose(need.vectors, expected, atol=1e-6)
    np.testing.assert_allclose(need.queries, 2.0 * expected, atol=1e-6)


def test_batches_that_say_nothing_are_zeros(tiny_backbone_preset):
    for texts in ([], ["", ""]):
        need, backbone = _encode(tiny_backbone_preset, texts)
        assert need.vectors.shape == (len(texts), backbone.embedding_dim)
        assert not need.vectors.numpy().any()
