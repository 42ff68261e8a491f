"""AdaLoRA: corrections, their penalty, and where the ranks go."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.adaptation.small_backbone import build_backbone
from trainer.backbone.adaptation.adalora import AdaLoraModel
from trainer.config import AdaptationConfig

TEXTS = tf.constant(["toy story", "king of crime"])
CONFIG = AdaptationConfig(method="adalora", adalora_rank=2, num_steps=60)
# Two blocks with query, key, value, attention output and two feed-forward
# layers each, three ranks at first, two left on average.
NUM_MATRICES, FIRST_RANK = 12, 3


@pytest.fixture(scope="module")
def backbone():
    return build_backbone()


@pytest.fixture(scope="module")
def untrained(backbone):
    return AdaLoraModel(backbone, CONFIG, seed=1)


def test_every_dense_layer_of_a_block_starts_with_half_a_rank_more(untrained):
    ranks = [v.shape[0] for v in untrained.trainable_variables[1::3]]
    assert ranks == [FIRST_RANK] * NUM_MATRICES


def test_untrained_correction_changes_nothing_and_is_not_penalised(
    backbone, untrained
):
    np.testing.assert_allclose(
        backbone.compute_vectors(
            *backbone.tokenize(TEXTS), model=untrained.model
        ),
        backbone.encode(TEXTS),
        atol=1e-6,
    )
    assert float(untrained.compute_penalty()) == pytest.approx(0.0, abs=1e-6)


def test_penalty_is_the_squared_distance_from_orthonormal(backbone):
    adapted = AdaLoraModel(backbone, CONFIG, seed=1)
    left = adapted.trainable_variables[0]
    left.assign(2.0 * left)
    # P'P = 4 I of size 3: 3 x (4 - 1)^2 = 27, over 12 matrices, times 0.1.
    assert float(adapted.compute_penalty()) == pytest.approx(0.225, rel=1e-4)


def test_merged_original_answers_as_the_copy_did():
    backbone = build_backbone()
    adapted = AdaLoraModel(backbone, CONFIG, seed=1)
    for index, variable in enumerate(adapted.trainable_variables):
        noise = tf.random.stateless_normal(variable.shape, [7, index])
        variable.assign_add(0.3 * noise)
    before = backbone.encode(TEXTS).numpy()
    learned = backbone.compute_vectors(
        *backbone.tokenize(TEXTS), model=adapted.model
    )
    adapted.merge(backbone)
    after = backbone.encode(TEXTS).numpy()
    np.testing.assert_allclose(after, learned, atol=1e-4)
    assert np.abs(after - before).max() > 1e-3


def test_ranks_move_to_where_the_loss_is_sensitive(backbone):
    adapted = AdaLoraModel(backbone, CONFIG, seed=1)
    variables = adapted.trainable_variables
    for lambdas in variables[1::3]:
        lambdas.assign(tf.ones_like(lambdas))
    steady = [
        tf.random.stateless_uniform(variable.shape, [index, 0], 0.5, 1.5)
        for index, variable in enumerate(variables)
    ]
    for at, strength in ((0, 100.0), (3, 0.01)):  # two of the matrices
        for place in range(at, at + 3):
            steady[place] = strength * steady[place]
    for step in range(CONFIG.num_steps):
        # Importance also asks that the gradient changes from step to step.
        sign = 1.0 + 0.5 * (-1.0) ** step
        adapted.end_step([sign * gradient for gradient in steady])
    ranks = list(adapted.ranks.values())
    assert sum(ranks) == 2 * NUM_MATRICES
    assert ranks[0] == FIRST_RANK
    assert ranks[1] == 0


def test_no_rank_goes_while_warming_up(backbone):
    adapted = AdaLoraModel(backbone, CONFIG, seed=1)
    for lambdas in adapted.trainable_variables[1::3]:
        lambdas.assign(tf.ones_like(lambdas))
    ones = [tf.ones_like(v) for v in adapted.trainable_variables]
    for _ in range(9):  # 15% of 60 steps
        adapted.end_step(ones)
    assert set(adapted.ranks.values()) == {FIRST_RANK}
