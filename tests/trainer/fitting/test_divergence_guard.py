"""A training that diverges says so, and leaves nothing behind."""

import pytest
import tensorflow as tf

from trainer.config import OptimizerConfig
from trainer.fitting.divergence_guard import DivergenceGuard


def _fit(values, learning_rate=0.1, epochs=1):
    """Learns y = w x by squared error, one example a step."""
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(tf.keras.optimizers.SGD(learning_rate), "mse")
    inputs = tf.constant(values)[:, tf.newaxis]
    config = OptimizerConfig(learning_rate=learning_rate, warmup_steps=0)
    guard = DivergenceGuard("a line", config)
    model.fit(
        inputs,
        tf.zeros_like(inputs),
        batch_size=1,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[guard],
    )
    return model


def test_finite_training_goes_on():
    # w <- w - 0.1 * 2 w = 0.8 w, twice.
    weight = _fit([1.0, 1.0]).get_weights()[0]
    assert weight[0, 0] == pytest.approx(0.64)


def test_diverging_loss_names_step_epoch_and_setting():
    # |1 - 2e12| is the factor of each step, and the loss is the square of
    # the weight: 1, 4e24, then beyond float32's 3.4e38 at step 3.
    with pytest.raises(FloatingPointError) as caught:
        _fit([1.0, 1.0], learning_rate=1e12, epochs=2)
    message = str(caught.value)
    assert "a line must keep its loss" in message
    assert "loss=inf, at step 3 (epoch 2)" in message
    assert "learning_rate=1e+12" in message
    assert "Lower `trainer.optimizer.learning_rate`" in message
    assert "data" not in message


def test_first_step_blames_the_data_as_well():
    with pytest.raises(FloatingPointError, match="may also be the data"):
        _fit([float("nan")])


def test_weights_broken_by_the_last_step_are_seen():
    # The loss of the only step is 1e38, its gradient 2e38 times the rate of
    # 10 is no float32 any more.
    with pytest.raises(FloatingPointError, match=r"a weight of dense.*kernel"):
        _fit([1e19], learning_rate=10.0)
