"""Bottleneck adapters: where they sit and what they compute."""

import numpy as np
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from tests.trainer.backbone.adaptation.small_backbone import build_decoder
from trainer.backbone.modules import BottleneckAdapters
from trainer.backbone.modules.transformer_blocks import find_blocks


def test_adapter_adds_up_of_gelu_of_down_after_both_layers_of_a_block():
    for build in (build_backbone, build_decoder):
        model = build().model
        block = find_blocks(model)[1]
        dense = block._feedforward_output_dense
        hidden = tf.random.stateless_normal([2, 3, 32], [1, 2])
        plain = dense(hidden).numpy()
        adapters = BottleneckAdapters(2, 16, 4, seed=1)
        for index, variable in enumerate(adapters.variables):
            variable.assign(
                tf.random.stateless_normal(variable.shape, [3, index])
            )
        adapters.attach(model)
        # The last of four: blocks in order, attention before feed-forward.
        down, down_bias, up, up_bias = (v[3] for v in adapters.variables)
        inner = tf.nn.gelu(plain @ down + down_bias)
        expected = plain + inner @ up + up_bias
        np.testing.assert_allclose(dense(hidden), expected, atol=1e-4)


def test_there_are_as_many_parameters_as_two_bottlenecks_a_block_need():
    adapters = BottleneckAdapters(2, 16, 4, seed=1)
    sizes = [int(np.prod(v.shape)) for v in adapters.variables]
    # 4 adapters of 16 x 4 + 4 + 4 x 16 + 16.
    assert sum(sizes) == 4 * 148
