"""Adaptation: pairs from behaviour, and what a few steps do."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.adaptation import adapt_backbone
from trainer.adaptation import build_text_pairs
from trainer.adaptation import compute_contrastive_loss
from trainer.config import AdaptationConfig
from trainer.config import TextBackboneConfig
from trainer.text_backbone import load_text_backbone

PAIRS = [
    ("toy story", "red dog"),
    ("house of horror", "king of crime"),
    ("night river", "star ship"),
    ("love romance", "queen of heat"),
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
    texts = tf.constant([text for pair in PAIRS for text in pair])
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


def test_method_that_does_not_exist_yet_is_refused_by_the_config():
    with pytest.raises(ValueError, match="prefix"):
        AdaptationConfig(method="prefix")


def test_contrastive_loss_of_equal_similarities_is_log_of_the_batch():
    similarity = tf.zeros([4, 4])
    nothing = tf.zeros([4, 4], tf.bool)
    # All 4 columns are as likely: -ln(1/4) = 1.3863.
    loss = compute_contrastive_loss(similarity, nothing, 0.5)
    assert float(loss) == pytest.approx(1.3863, abs=1e-4)


def test_accidental_hit_is_no_negative():
    similarity = tf.zeros([2, 2])
    # Both rows lose their only negative: certain, so the loss is 0.
    loss = compute_contrastive_loss(similarity, tf.ones([2, 2], tf.bool), 0.5)
    assert float(loss) == pytest.approx(0.0, abs=1e-6)


def test_neighbours_in_a_window_become_pairs():
    texts = {"1": "one", "2": "two", "3": "three"}
    pairs = build_text_pairs([["1", "2", "gone", "3"], ["3"]], texts, 9, seed=0)
    assert pairs == [("one", "two"), ("two", "three")]


def test_item_is_never_paired_with_itself():
    texts = {"1": "one", "2": "two"}
    pairs = build_text_pairs([["1", "1", "2", "2"]], texts, 9, seed=0)
    assert pairs == [("one", "two")]


def test_drawn_pairs_follow_the_seed_and_their_number():
    texts = {str(i): f"text {i}" for i in range(50)}
    windows = [list(texts)]
    first = build_text_pairs(windows, texts, 10, seed=1)
    assert len(set(first)) == 10
    assert first == build_text_pairs(windows, texts, 10, seed=1)
    assert first != build_text_pairs(windows, texts, 10, seed=2)
