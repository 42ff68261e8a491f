"""The contract of every method, on an encoder and on a decoder.

A method that is added to the registry is asked all of it.
"""

import functools
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from tests.trainer.backbone.adaptation.small_backbone import build_decoder
from tests.trainer.bfloat16 import require_bfloat16
from trainer.backbone.adaptation import AdaptationReport
from trainer.backbone.adaptation import TextPair
from trainer.backbone.adaptation import adapt_backbone
from trainer.backbone.adaptation.adapt_backbone import _METHODS
from trainer.backbone.text_backbone import TextBackbone
from trainer.config import AdaptationConfig

PAIRS = [
    TextPair("toy story", "red dog", "books"),
    TextPair("house the horror", "king of crime"),
    TextPair("night river", "star ship", "films"),
    TextPair("love romance", "queen heat", "books"),
]
TEXTS = ["toy story", "king of crime", ""]
# How fast each learns; a method without an entry fails the collection.
RATES = {
    "frozen": 0.02,
    "top_layers": 0.005,
    "full": 0.005,
    "lora": 0.02,
    "adalora": 0.05,
    "adapter": 0.02,
    "prefix": 0.05,
}
# One block: a graph of two takes twice as long to build, and what a method does
# to each block its own tests ask.
BUILDERS = {
    "encoder": functools.partial(build_backbone, num_layers=1),
    "decoder": functools.partial(build_decoder, num_layers=1),
}
CASES = [("encoder", method) for method in _METHODS]
# What changes weights in place does not look into the blocks; AdaLoRA looks
# where LoRA does.
CASES += [("decoder", method) for method in ("lora", "adapter", "prefix")]


class Adapted(NamedTuple):
    family: str
    before: np.ndarray
    fingerprint: str
    backbone: TextBackbone
    report: AdaptationReport


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def adapted(request):
    family, method = request.param
    backbone = BUILDERS[family]()
    before = _compute(backbone, TEXTS)
    fingerprint = backbone.fingerprint
    config = AdaptationConfig(
        method=method,
        num_top_layers=1,
        lora_rank=2,
        adalora_rank=2,
        adapter_dim=4,
        prompt_length=3,
        scenario_adapter_dim=2,
        num_steps=25,
        batch_size=4,
        learning_rate=RATES[method],
        temperature=0.1,
    )
    report = adapt_backbone(backbone, PAIRS, config, seed=3)
    return Adapted(family, before, fingerprint, backbone, report)


def _encode(backbone):
    """As items, and as needs of a known, another and no scenario."""
    texts = tf.constant(TEXTS)
    scenarios = tf.constant(["books", "other", ""])
    return (
        backbone.encode(texts).numpy(),
        backbone.encode_need(texts, scenarios).numpy(),
    )


def _compute(backbone, texts):
    """The same vectors as items without a graph, which takes seconds."""
    tokens = backbone.tokenize(tf.constant(texts, tf.string))
    return backbone.compute_vectors(*tokens).numpy()


def test_loss_falls(adapted):
    losses = adapted.report.losses
    assert len(losses) == 25
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.05


def test_items_move_unless_frozen(adapted):
    after = _compute(adapted.backbone, TEXTS)
    assert after.shape == adapted.before.shape
    moved = np.abs(after - adapted.before).max()
    if adapted.report.method == "frozen":
        assert moved < 1e-6
    else:
        assert moved > 0.01


def test_fingerprint_moves(adapted):
    assert adapted.backbone.fingerprint != adapted.fingerprint


def test_scenario_changes_needs_of_that_scenario_only(adapted):
    items, needs = _encode(adapted.backbone)
    assert np.abs(items[0] - needs[0]).max() > 1e-3
    np.testing.assert_allclose(items[1:], needs[1:], atol=1e-6)


def test_export_answers_alike_and_by_itself(adapted, tmp_path):
    backbone = adapted.backbone
    module = tf.Module()
    module.parts = (backbone.variables, backbone.tables)
    module.encode = backbone.encode
    module.encode_need = backbone.encode_need
    tf.saved_model.save(module, str(tmp_path))
    reloaded = tf.saved_model.load(str(tmp_path))
    for one, other in zip(_encode(reloaded), _encode(backbone), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_saved_weights_bring_the_adapted_backbone_back(adapted, tmp_path):
    path = str(tmp_path / "adapted.weights.h5")
    adapted.backbone.save_weights(path)
    restored = BUILDERS[adapted.family](seed=8)
    restored.load_weights(path)
    assert restored.fingerprint == adapted.backbone.fingerprint
    # Needs of no scenario are encoded as items are.
    texts, scenarios = tf.constant(TEXTS), tf.constant(["books", "other", ""])
    np.testing.assert_allclose(
        restored.encode_need(texts, scenarios),
        adapted.backbone.encode_need(texts, scenarios),
        atol=1e-6,
    )


def test_vectors_are_finite_and_those_of_no_text_are_none(adapted):
    vectors = _compute(adapted.backbone, TEXTS)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    none = adapted.backbone.encode(tf.constant([], tf.string))
    assert none.shape[0] == 0


def test_half_precision_of_the_towers_leaves_the_vectors_alone(adapted):
    require_bfloat16()
    before = _compute(adapted.backbone, TEXTS)
    policy = tf.keras.mixed_precision.global_policy()
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        after = _compute(adapted.backbone, TEXTS)
    finally:
        tf.keras.mixed_precision.set_global_policy(policy)
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_padding_does_not_change_an_adapted_vector(adapted):
    encode = adapted.backbone.encode
    together = encode(tf.constant(TEXTS)).numpy()
    alone = [encode(tf.constant([text])).numpy()[0] for text in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-5)
