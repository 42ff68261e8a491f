"""Mixed negatives: the loss by hand, log Q, accidental hits."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import RetrievalConfig
from trainer.tasks.retrieval_task import RetrievalTask

COUNTS = np.array([90, 10], np.int64)
ITEMS = tf.constant([[1.0, 0.0], [0.0, 1.0]])


def _loss(queries, rows, **settings):
    task = RetrievalTask(COUNTS, RetrievalConfig(**settings))
    return float(task(tf.constant(queries), tf.constant(rows), ITEMS))


def test_loss_over_the_whole_catalogue_is_the_softmax():
    loss = _loss([[2.0, 1.0]], [0], num_sampled=2, log_q_strength=0.0)
    # Candidates: the positive, and both items drawn once; the drawn twin of
    # the positive is an accidental hit and leaves. Logits 2 and 1.
    assert loss == pytest.approx(np.log(1 + np.exp(-1.0)), abs=1e-5)


def test_temperature_divides_the_logits():
    loss = _loss(
        [[2.0, 1.0]], [0], num_sampled=2, log_q_strength=0.0, temperature=0.5
    )
    assert loss == pytest.approx(np.log(1 + np.exp(-2.0)), abs=1e-5)


def test_rare_candidate_gains_score_over_frequent_one():
    loss = _loss([[0.0, 0.0]], [0], num_sampled=2)
    # One query and two drawn items: expected counts are 0.9 + 1 and 0.1 + 1.
    # Equal scores; the correction subtracts log Q, so that the frequent
    # positive's logit is lower by log(1.9 / 1.1) than the rare negative's.
    assert loss == pytest.approx(np.log(1 + 1.9 / 1.1), abs=1e-4)


def test_empty_step_costs_nothing():
    task = RetrievalTask(COUNTS, RetrievalConfig(num_sampled=2))
    loss = task(tf.zeros([0, 2]), tf.zeros([0], tf.int32), ITEMS)
    assert float(loss) == 0.0


def test_catalogue_as_negatives_is_the_full_softmax():
    loss = _loss([[2.0, 1.0], [0.0, 3.0]], [0, 0], negatives="catalogue")
    expected = (np.log(1 + np.exp(-1.0)) + np.log(1 + np.exp(3.0))) / 2
    assert loss == pytest.approx(expected, abs=1e-5)


def test_log_q_follows_the_counts_of_now():
    task = RetrievalTask(COUNTS, RetrievalConfig(num_sampled=2))
    task.update_counts(np.array([50, 50], np.int64))
    # As above, but both are as frequent: the correction cancels out.
    loss = task(tf.zeros([1, 2]), tf.constant([0]), ITEMS)
    assert float(loss) == pytest.approx(np.log(2.0), abs=1e-4)
