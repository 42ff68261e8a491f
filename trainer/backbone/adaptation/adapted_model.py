"""What every method of adaptation offers to the training loop."""

from collections.abc import Sequence

import keras_hub
import tensorflow as tf

from trainer.backbone.text_backbone import TextBackbone


class AdaptedModel:
    """A backbone of which something learns.

    Methods derive from it. The backbone that was handed in computes as it
    did until `merge`.

    Attributes:
        model: what to compute with while training.
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
        """What the method adds to the loss; float32 `[]`."""
        return tf.constant(0.0)

    def end_step(self, gradients: Sequence[tf.Tensor]) -> None:
        """Called inside the graph after each update.

        Args:
            gradients: of `trainable_variables`, before clipping.
        """

    def merge(self, backbone: TextBackbone) -> None:
        """Puts what was learned into the backbone.

        Args:
            backbone: the one whose model this one began as.
        """
