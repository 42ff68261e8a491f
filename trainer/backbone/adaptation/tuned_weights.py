"""Fine-tuning: trains some or all of the backbone's own weights."""

from collections.abc import Callable

import keras
import tensorflow as tf

from trainer.backbone.adaptation.adapted_model import AdaptedModel
from trainer.backbone.modules.transformer_blocks import copy_backbone
from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.text_backbone import TextBackbone

_FINAL_NORMS = ("layer_norm", "final_normalization", "layer_normalization")


class TunedWeights(AdaptedModel):
    """A copy of a backbone with some trainable weights.

    Weights that the pooled vector does not depend on, such as BERT's dense
    layer over [CLS], are never among them.
    """

    def __init__(
        self,
        backbone: TextBackbone,
        is_chosen: Callable[[keras.Variable], bool],
        seed: int,
    ):
        copy = copy_backbone(backbone.model, seed)
        weights = [
            weight
            for weight in _find_reached(backbone, copy)
            if is_chosen(weight)
        ]
        super().__init__(copy, [weight.value for weight in weights])

    def merge(self, backbone: TextBackbone) -> None:
        """Replaces the weights of the original."""
        backbone.model.set_weights(self.model.get_weights())


def tune_all(backbone: TextBackbone, seed: int) -> TunedWeights:
    """Trains all weights, token embeddings included."""
    return TunedWeights(backbone, lambda weight: True, seed)


def tune_top_layers(
    backbone: TextBackbone, num_layers: int, seed: int
) -> TunedWeights:
    """Trains the last blocks, and the norm after them if there is one.

    Raises:
        ValueError: there are fewer blocks than that.
    """
    blocks = find_blocks(backbone.model)
    if num_layers > len(blocks):
        raise ValueError(
            f"`num_top_layers` must be at most {len(blocks)}, the number of"
            f" the backbone's blocks. Received: num_top_layers={num_layers}."
        )
    layers = blocks[-num_layers:]
    for name in _FINAL_NORMS:
        if hasattr(backbone.model, name):
            layers.append(getattr(backbone.model, name))
    paths = {weight.path for layer in layers for weight in layer.weights}
    return TunedWeights(backbone, lambda weight: weight.path in paths, seed)


def _find_reached(backbone, model):
    """Weights that the pooled vector depends on."""
    with tf.GradientTape() as tape:
        vectors = backbone.compute_vectors(
            tf.zeros([1, 2], tf.int32), tf.ones([1, 2], tf.int32), model=model
        )
    weights = model.trainable_weights
    gradients = tape.gradient(vectors, [weight.value for weight in weights])
    return [
        weight
        for weight, gradient in zip(weights, gradients, strict=True)
        if gradient is not None
    ]
