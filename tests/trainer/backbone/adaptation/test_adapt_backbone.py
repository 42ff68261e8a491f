"""Adaptation: pairs from behaviour, and what a few steps do."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from trainer.backbone.adaptation import TextPair
from trainer.backbone.adaptation import adapt_backbone
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import AdaptationConfig
from trainer.config import TextBackboneConfig

PAIRS = [
    TextPair("toy story", "red dog"),
    TextPair("house of horror", "king of crime"),
    TextPair("night river", "star ship"),
    TextPair("love romance", "queen of heat"),
]
LORA = AdaptationConfig(
    method="lora",
    lora_rank=2,
    num_steps=60,
    batch_size=4,
    learning_rate=0.1,
    temperature=0.1,
)


@pytest.fixture
def backbone(tiny_backbone_preset):
    return load_text_backbone(TextBackboneConfig(preset=tiny_backbone_preset))


def _get_changed_paths(backbone, before):
    return {
        weight.path
        for weight, old in zip(backbone.model.weights, before, strict=True)
        if not np.array_equal(weight.value, old)
    }


def test_lora_lowers_the_loss_and_touches_query_and_value_only(backbone):
    before = backbone.model.get_weights()
    fingerprint = backbone.fingerprint
    report = adapt_backbone(backbone, PAIRS, LORA, seed=3)
    assert len(report.losses) == 60
    assert np.mean(report.losses[-5:]) < 0.7 * np.mean(report.losses[:5])
    attention = "transformer_layer_0/self_attention_layer"
    assert _get_changed_paths(backbone, before) == {
        f"{attention}/query/kernel",
        f"{attention}/value/kernel",
    }
    assert backbone.fingerprint != fingerprint


def test_lora_changes_a_kernel_by_no_more_than_its_rank(backbone):
    def get_kernel():
        return next(
            weight.numpy()
            for weight in backbone.model.weights
            if weight.path.endswith("query/kernel")
        )

    before = get_kernel()
    adapt_backbone(backbone, PAIRS, LORA, seed=3)
    # [16, 2 heads, 8]: each head's correction is A[:, h] B of rank 2.
    change = get_kernel() - before
    for head in range(2):
        assert np.linalg.matrix_rank(change[:, head], tol=1e-5) == 2


def test_same_seed_gives_the_same_backbone(tiny_backbone_preset):
    losses = []
    for seed in (3, 3, 4):
        backbone = load_text_backbone(
            TextBackboneConfig(preset=tiny_backbone_preset)
        )
        losses.append(adapt_backbone(backbone, PAIRS, LORA, seed).losses)
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    assert not np.allclose(losses[0], losses[2], rtol=1e-3)


def test_adapted_backbone_exports_by_itself(backbone, tmp_path):
    texts = tf.constant([text for pair in PAIRS for text in pair[:2]])
    plain = backbone.encode(texts).numpy()
    adapt_backbone(backbone, PAIRS, LORA, seed=3)
    adapted = backbone.encode(texts).numpy()
    module = tf.Module()
    module.backbone_variables = backbone.variables
    module.encode = backbone.encode
    tf.saved_model.save(module, str(tmp_path))
    reloaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_allclose(reloaded.encode(texts), adapted, atol=1e-5)
    assert np.abs(adapted - plain).max() > 0.01


def test_frozen_backbone_stays_as_it_is(backbone):
    fingerprint = backbone.fingerprint
    report = adapt_backbone(backbone, [], AdaptationConfig(), seed=3)
    assert report.num_trainable_parameters == 0
    assert backbone.fingerprint == fingerprint


def test_progress_and_summary_see_every_step(backbone, tmp_path):
    steps = []
    writer = tf.summary.create_file_writer(str(tmp_path))
    report = adapt_backbone(
        backbone,
        PAIRS,
        AdaptationConfig(method="lora", num_steps=3, batch_size=2),
        seed=3,
        writer=writer,
        on_step=lambda step, loss: steps.append((step, loss)),
    )
    writer.close()
    assert steps == list(enumerate(report.losses, start=1))
    events = tf.data.TFRecordDataset(
        [str(path) for path in tmp_path.glob("events*")]
    )
    assert sum(b"adaptation/loss" in e.numpy() for e in events) == 3


def test_single_pair_is_refused_with_a_remedy(backbone):
    with pytest.raises(ValueError, match=r"Received: 1 pairs.*'frozen'"):
        adapt_backbone(backbone, PAIRS[:1], LORA, seed=3)


def test_loss_that_diverges_names_step_and_setting(backbone):
    before = backbone.model.get_weights()
    config = dataclasses.replace(LORA, learning_rate=1e30)
    with pytest.raises(FloatingPointError, match=r"learning_rate=1e\+30") as e:
        adapt_backbone(backbone, PAIRS, config, seed=3)
    assert "at step 2 of 60" in str(e.value)
    for weight, old in zip(backbone.model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.value, old)
