"""The ranking task: both losses by hand, any leading shape."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import RankingConfig
from trainer.tasks.ranking_task import RankingTask


@pytest.fixture(scope="module")
def task():
    tf.keras.utils.set_random_seed(1)
    return RankingTask(RankingConfig(hidden_dim=8))


@pytest.mark.parametrize("leading", [(0,), (3,), (2, 5)])
def test_scores_keep_the_leading_shape(task, leading):
    pairs = tf.ones([*leading, 4])
    logit, value = task(pairs, pairs)
    assert logit.shape == value.shape == leading


def test_loss_is_cross_entropy_plus_squared_error(task):
    outputs = tf.constant([0.0, 0.0]), tf.constant([1.0, 3.0])
    loss = task.compare(
        outputs,
        positive=tf.constant([1.0, 0.0]),
        value=tf.constant([0.0, 0.0]),
        has_value=tf.constant([1.0, 0.0]),
    )
    # Cross-entropy of an even logit is log 2; the second pair has no value,
    # which leaves (1^2 + 0) / 2 of the squared error.
    assert float(loss) == pytest.approx(np.log(2) + 0.5, abs=1e-6)
