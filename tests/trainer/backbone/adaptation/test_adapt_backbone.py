"""Adaptation: pairs from behaviour, and what a few steps do."""

import dataclasses
import pathlib
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from trainer.backbone.adaptation import AdaptationReport
from trainer.backbone.adaptation import TextPair
from trainer.backbone.adaptation import adapt_backbone
from trainer.backbone.text_backbone import TextBackbone
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
    return _load(tiny_backbone_preset)


def _load(preset):
    return load_text_backbone(TextBackboneConfig(preset=preset))


class Adapted(NamedTuple):
    """What LoRA made of a backbone, and what it wrote meanwhile."""

    fingerprint: str
    before: list[np.ndarray]
    backbone: TextBackbone
    report: AdaptationReport
    steps: list[tuple[int, float]]
    events: list[pathlib.Path]


@pytest.fixture(scope="module")
def adapted(tiny_backbone_preset, tmp_path_factory):
    backbone = _load(tiny_backbone_preset)
    fingerprint = backbone.fingerprint
    before = backbone.model.get_weights()
    steps = []
    folder = tmp_path_factory.mktemp("log")
    writer = tf.summary.create_file_writer(str(folder))
    report = adapt_backbone(
        backbone,
        PAIRS,
        LORA,
        seed=3,
        writer=writer,
        on_step=lambda step, loss: steps.append((step, loss)),
    )
    writer.close()
    events = list(folder.glob("events*"))
    return Adapted(fingerprint, before, backbone, report, steps, events)


def test_lora_lowers_the_loss_and_touches_query_and_value_only(adapted):
    losses = adapted.report.losses
    assert len(losses) == 60
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    attention = "transformer_layer_0/self_attention_layer"
    weights = adapted.backbone.model.weights
    assert {
        weight.path
        for weight, old in zip(weights, adapted.before, strict=True)
        if not np.array_equal(weight.value, old)
    } == {f"{attention}/query/kernel", f"{attention}/value/kernel"}
    assert adapted.backbone.fingerprint != adapted.fingerprint


def test_lora_changes_a_kernel_by_no_more_than_its_rank(adapted):
    change = next(
        weight.numpy() - old
        for weight, old in zip(
            adapted.backbone.model.weights, adapted.before, strict=True
        )
        if weight.path.endswith("query/kernel")
    )
    # [16, 2 heads, 8]: each head's correction is A[:, h] B of rank 2.
    for head in range(2):
        assert np.linalg.matrix_rank(change[:, head], tol=1e-5) == 2


def test_same_seed_gives_the_same_backbone(adapted, tiny_backbone_preset):
    short = dataclasses.replace(LORA, num_steps=5)
    same, other = (
        adapt_backbone(_load(tiny_backbone_preset), PAIRS, short, seed).losses
        for seed in (3, 4)
    )
    np.testing.assert_allclose(same, adapted.report.losses[:5], rtol=1e-5)
    assert not np.allclose(other, same, rtol=1e-3)


def test_frozen_backbone_stays_as_it_is(backbone):
    fingerprint = backbone.fingerprint
    report = adapt_backbone(backbone, [], AdaptationConfig(), seed=3)
    assert report.num_trainable_parameters == 0
    assert backbone.fingerprint == fingerprint


def test_progress_and_summary_see_every_step(adapted):
    assert adapted.steps == list(enumerate(adapted.report.losses, start=1))
    events = tf.data.TFRecordDataset([str(path) for path in adapted.events])
    assert sum(b"adaptation/loss" in e.numpy() for e in events) == 60


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
