"""The interface of the methods of adaptation."""

from collections.abc import Sequence

import keras_hub
import tensorflow as tf

from trainer.backbone.text_backbone import TextBackbone


class AdaptedModel:
    """A backbone with trainable parts.

    Methods derive from it. The original backbone is unchanged until `merge`.

    Attributes:
        model: the model to use while training.
        trainable_variables: what learns, plain `tf.Variable`s.
    """

    def __init__(
        self,
        model: keras_hub.models.Backbone,
        trainable_variables: Sequence[tf.Variable] = (),
    ):
        self.model = model
        self.trainable_variables = list(trainable_variables)

    def compute_penalty(self) -> tf.Tensor:
        """The method's penalty in the loss; float32 `[]`."""
        return tf.constant(0.0)

    def end_step(self, gradients: Sequence[tf.Tensor]) -> None:
        """Called inside the graph after each update.

        Args:
            gradients: of `trainable_variables`, before clipping.
        """

    def merge(self, backbone: TextBackbone) -> None:
        """Moves the learned weights into the backbone.

        Args:
            backbone: the original.
        """
