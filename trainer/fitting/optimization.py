"""Optimizer, learning rate schedules and devices."""

import tensorflow as tf

from trainer.config import OptimizerConfig


def build_strategy(config: OptimizerConfig) -> tf.distribute.Strategy:
    """Builds the `tf.distribute` strategy that a config names."""
    if config.strategy == "mirrored":
        return tf.distribute.MirroredStrategy()
    if config.strategy == "multi_worker":
        return tf.distribute.MultiWorkerMirroredStrategy()
    if config.strategy == "tpu":
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    return tf.distribute.get_strategy()


class WarmUp(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to the learning rate, then stays there."""

    def __init__(self, rate: float, steps: int):
        """Keeps rate and number of steps."""
        self._rate, self._steps = rate, steps

    def __call__(self, step):
        done = (tf.cast(step, tf.float32) + 1.0) / (self._steps + 1.0)
        return self._rate * tf.minimum(done, 1.0)

    def get_config(self):
        return {"rate": self._rate, "steps": self._steps}


def build_optimizer(config: OptimizerConfig) -> tf.keras.optimizers.Optimizer:
    """Builds AdamW with warm-up."""
    return _build(config, WarmUp(config.learning_rate, config.warmup_steps))


def build_annealing_optimizer(
    config: OptimizerConfig, num_steps: int
) -> tf.keras.optimizers.Optimizer:
    """Builds AdamW whose rate falls linearly to zero.

    Args:
        config: its `learning_rate` is where it starts.
        num_steps: how many steps it takes.
    """
    schedule = tf.keras.optimizers.schedules.PolynomialDecay(
        config.learning_rate, max(1, num_steps), end_learning_rate=0.0
    )
    return _build(config, schedule)


def _build(config, schedule):
    return tf.keras.optimizers.AdamW(
        schedule,
        weight_decay=config.weight_decay,
        global_clipnorm=config.gradient_clip_norm,
    )
