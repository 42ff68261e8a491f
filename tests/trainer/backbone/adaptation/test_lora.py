"""LoRA: what learns, what stays, what is left after the merge."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.backbone.adaptation.lora import LoraModel
from trainer.backbone.text_backbone import TextBackbone
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig

WORDS = tf.constant(["toy story", "red dog"])


@pytest.fixture
def backbone(tiny_backbone_preset):
    return load_text_backbone(TextBackboneConfig(preset=tiny_backbone_preset))


def test_only_low_rank_corrections_learn(backbone):
    lora = LoraModel(backbone, rank=2, seed=1)
    # One layer, query and value, 16 wide with 2 heads of 8:
    # A is [16, 2, rank], B is [rank, 8]: 2 * (16 * 2 * 2 + 2 * 8) = 160.
    sizes = [int(np.prod(v.shape)) for v in lora.trainable_variables]
    assert sum(sizes) == 160


def test_untrained_correction_changes_nothing(backbone):
    lora = LoraModel(backbone, rank=2, seed=1)
    tokens = backbone.tokenize(WORDS)
    np.testing.assert_allclose(
        backbone.compute_vectors(*tokens, model=lora.model),
        backbone.encode(WORDS),
        atol=1e-6,
    )


def test_merged_original_answers_as_the_copy_did(backbone):
    before = backbone.encode(WORDS).numpy()
    lora = LoraModel(backbone, rank=2, seed=1)
    for index, variable in enumerate(lora.trainable_variables):
        values = tf.random.stateless_normal(variable.shape, [7, index])
        variable.assign(values)
    np.testing.assert_allclose(backbone.encode(WORDS), before, atol=1e-6)
    tokens = backbone.tokenize(WORDS)
    learned = backbone.compute_vectors(*tokens, model=lora.model)
    lora.merge(backbone)
    after = backbone.encode(WORDS).numpy()
    np.testing.assert_allclose(after, learned, atol=1e-5)
    assert np.abs(after - before).max() > 1e-3


def test_backbone_without_attention_projections_is_refused(backbone):
    class Plain(type(backbone.model)):
        def enable_lora(self, rank, target_layer_names=None):
            super().enable_lora(rank, ["no_such_layer"])

    plain = Plain.from_config(backbone.model.get_config())
    broken = TextBackbone(backbone.config, plain, backbone.tokenizer)
    with pytest.raises(ValueError, match="Received: Plain, which has none"):
        LoraModel(broken, rank=2, seed=1)
