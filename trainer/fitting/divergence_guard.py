"""Ends a training that diverged, before anything keeps what it made."""

import math

import numpy as np
import tensorflow as tf

from trainer.config import OptimizerConfig


class DivergenceGuard(tf.keras.callbacks.Callback):
    """Raises as soon as a loss or a weight is not finite.

    Without it the steps go on with NaN, early stopping picks an epoch among
    epochs that all mean nothing, and the model is exported. Must stand before
    the callbacks that read metrics.
    """

    def __init__(self, phase: str, config: OptimizerConfig):
        """Keeps what the message names.

        Args:
            phase: what is trained, "the towers".
            config: settings that the reader may have to change.
        """
        super().__init__()
        self._phase = phase
        self._config = config
        self._epoch = 0
        self._num_steps = 0

    def on_epoch_begin(self, epoch, logs=None):
        """Counts epochs from 1."""
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the loss of each step.

        Raises:
            FloatingPointError: it is not finite.
        """
        self._num_steps += 1
        for name, value in (logs or {}).items():
            if not math.isfinite(value):
                raise FloatingPointError(self._explain(f"{name}={value}"))

    def on_epoch_end(self, epoch, logs=None):
        """Looks at weights: the last step may have broken them unseen.

        Raises:
            FloatingPointError: one is not finite.
        """
        for variable in self.model.trainable_variables:
            if not np.isfinite(variable.numpy()).all():
                raise FloatingPointError(
                    self._explain(f"a weight of {variable.name} is not finite")
                )

    def _explain(self, found):
        config = self._config
        message = (
            f"Training of {self._phase} must keep its loss and its weights"
            f" finite. Received: {found}, at step {self._num_steps:,} (epoch"
            f" {self._epoch}), with learning_rate={config.learning_rate:g},"
            f" warmup_steps={config.warmup_steps}, gradient_clip_norm="
            f"{config.gradient_clip_norm:g}, mixed_precision="
            f"{config.mixed_precision}. Lower"
            " `trainer.optimizer.learning_rate`, by a factor of 10 to begin"
            " with."
        )
        if self._num_steps > 1:
            return message
        return (
            f"{message} At the first step it may also be the data: look for"
            " item vectors and event values that are not finite."
        )
