"""Schedules of the learning rate, and devices."""

import pytest
import tensorflow as tf

from trainer.config import OptimizerConfig
from trainer.fitting.optimization import build_annealing_optimizer
from trainer.fitting.optimization import build_optimizer
from trainer.fitting.optimization import build_strategy

_CONFIG = OptimizerConfig(learning_rate=0.1, warmup_steps=9)


def _rate(optimizer, step):
    optimizer.iterations.assign(step)
    schedule = optimizer._learning_rate
    return float(schedule(step))


def test_rate_rises_then_stays():
    optimizer = build_optimizer(_CONFIG)
    rates = [_rate(optimizer, step) for step in (0, 4, 9, 500)]
    assert rates == pytest.approx([0.01, 0.05, 0.1, 0.1])


def test_annealing_falls_to_nothing():
    optimizer = build_annealing_optimizer(_CONFIG, num_steps=100)
    rates = [_rate(optimizer, step) for step in (0, 50, 100, 500)]
    assert rates == pytest.approx([0.1, 0.05, 0.0, 0.0])


def test_mirrored_strategy_spans_this_machine():
    strategy = build_strategy(OptimizerConfig(strategy="mirrored"))
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
