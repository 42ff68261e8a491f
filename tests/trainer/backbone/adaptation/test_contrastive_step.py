"""One contrastive update, whole and in parts."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from trainer.backbone.adaptation.contrastive_step import ContrastiveStep
from trainer.backbone.adaptation.contrastive_step import (
    compute_contrastive_loss,
)
from trainer.backbone.adaptation.text_pairs import TextPair
from trainer.backbone.adaptation.tuned_weights import tune_all
from trainer.backbone.modules import ScenarioAdapters

PAIRS = [
    TextPair("toy story", "red dog", "books"),
    TextPair("house of horror", "king of crime"),
    TextPair("night river", "star ship", "films"),
    TextPair("love romance", "queen of heat", "books"),
    TextPair("big cat", "small man", "films"),
]


class _Rewound:
    """A step that can begin again: its graphs take seconds to build."""

    def __init__(self, dropout, scenario_adapters=None):
        backbone = build_backbone(dropout=dropout)
        self._step = ContrastiveStep(
            backbone,
            tune_all(backbone, seed=3),
            scenario_adapters,
            tf.keras.optimizers.SGD(0.5),
            temperature=0.1,
            pairs=PAIRS,
        )
        kept = [*self._step.variables, *self._step._states]
        self._kept = [(one, tf.convert_to_tensor(one).numpy()) for one in kept]

    def begin(self):
        for one, value in self._kept:
            one.assign(value)
        return self._step


@pytest.fixture(scope="module")
def plain():
    return _Rewound(0.0, ScenarioAdapters(["books", "films"], 16, 4, seed=1))


@pytest.fixture(scope="module")
def dropping():
    return _Rewound(0.5)


def test_parts_make_the_same_update_as_the_whole_batch(plain):
    results = []
    for parts in (1, 3, 5):
        step = plain.begin()
        before = [variable.numpy() for variable in step.variables]
        losses = [step(PAIRS, parts) for _ in range(3)]
        after = [variable.numpy() for variable in step.variables]
        results.append((losses, after))
    for losses, after in results[1:]:
        np.testing.assert_allclose(losses, results[0][0], rtol=1e-4)
        for one, other in zip(after, results[0][1], strict=True):
            np.testing.assert_allclose(one, other, atol=2e-4)
    moved = [
        np.abs(one - start).max()
        for one, start in zip(results[0][1], before, strict=True)
    ]
    assert max(moved) > 0.01


def test_parts_see_the_same_dropout_in_both_passes(dropping):
    """One part is the whole batch: then dropout must not matter either."""
    results = []
    for in_parts in (False, True):
        step = dropping.begin()
        if in_parts:
            columns = [list(column) for column in zip(*PAIRS, strict=True)]
            part = [tf.constant(column) for column in columns]
            loss = step._train_in_parts(columns, [part])
        else:
            loss = step(PAIRS, 1)
        results.append((loss, [v.numpy() for v in step.variables]))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-5)
    for one, other in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_dropout_changes_from_step_to_step(dropping):
    step = dropping.begin()
    whole = [tf.constant(list(column)) for column in zip(*PAIRS, strict=True)]
    first, second = (step._encode_part(*whole).numpy() for _ in range(2))
    assert np.abs(first - second).max() > 1e-3


def test_contrastive_loss_of_equal_similarities_is_log_of_the_batch():
    similarity = tf.zeros([4, 4])
    nothing = tf.zeros([4, 4], tf.bool)
    # All 4 columns are as likely: -ln(1/4) = 1.3863.
    loss = compute_contrastive_loss(similarity, nothing, 0.5, tf.zeros([4]))
    assert float(loss) == pytest.approx(1.3863, abs=1e-4)


def test_accidental_hit_is_no_negative():
    similarity = tf.zeros([2, 2])
    # Both rows lose their only negative: certain, so the loss is 0.
    every = tf.ones([2, 2], tf.bool)
    loss = compute_contrastive_loss(similarity, every, 0.5, tf.zeros([2]))
    assert float(loss) == pytest.approx(0.0, abs=1e-6)


def test_column_that_is_drawn_often_must_beat_its_own_popularity():
    similarity, nothing = tf.zeros([3, 3]), tf.zeros([3, 3], tf.bool)
    log_q = tf.math.log([0.5, 0.25, 0.25])
    # Columns weigh 1 / Q = 2, 4, 4 of 10: (-ln 0.2 - 2 ln 0.4) / 3 = 1.1473.
    loss = compute_contrastive_loss(similarity, nothing, 0.5, log_q)
    assert float(loss) == pytest.approx(1.1473, abs=1e-4)


def test_evenly_drawn_texts_have_the_loss_without_correction(plain):
    """The five pairs hold ten different texts, each as likely as any."""
    step = plain.begin()
    columns = [list(column) for column in zip(*PAIRS, strict=True)]
    anchors, positives, scenarios = map(tf.constant, columns)
    vectors = step._encode_part(anchors, positives, scenarios)
    rows, others = tf.split(vectors, 2)
    similarity = tf.matmul(rows, others, transpose_b=True)
    nothing, even = tf.zeros([5, 5], tf.bool), tf.zeros([5])
    forth = compute_contrastive_loss(similarity, nothing, 0.1, even)
    back = compute_contrastive_loss(
        tf.transpose(similarity), nothing, 0.1, even
    )
    expected = float(forth + back) / 2
    assert step(PAIRS, 1) == pytest.approx(expected, rel=1e-4)
