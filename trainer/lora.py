"""LoRA: learn a small correction of the attention weights."""

import keras
import keras_hub
import tensorflow as tf

_TARGETS = ("query", "value", "query_dense", "value_dense")


class LoraModel:
    """A copy of a backbone of which only low-rank corrections learn.

    The copy trains and the original stays untouched until `merge`, so that
    functions already traced over the original keep their variables and the
    exported graph pays nothing for the adaptation.

    Source:
        Hu et al., ICLR 2022, arXiv:2106.09685: W + A B on the query and value
        projections, B zero at the start.

    Attributes:
        model: the copy that computes with the corrections.
        trainable_variables: plain `tf.Variable`s, all A and B.
    """

    def __init__(
        self, original: keras_hub.models.Backbone, rank: int, seed: int
    ):
        self._original = original
        self.model = type(original).from_config(original.get_config())
        self.model.set_weights(original.get_weights())
        self.model.enable_lora(rank, list(_TARGETS))
        weights = self.model.trainable_weights
        if not weights:
            raise ValueError(
                "Adaptation method 'lora' needs dense layers named one of"
                f" {_TARGETS}. Received: {type(original).__name__} with none."
            )
        _seed(self.model, weights, seed)
        self.trainable_variables = [weight.value for weight in weights]

    def merge(self) -> None:
        """Adds the learned corrections to the weights of the original."""
        corrected = {}
        for layer in _get_lora_layers(self.model):
            corrected[layer.path] = tf.identity(layer.kernel)
        for layer in self._original._flatten_layers(include_self=False):
            if layer.path in corrected:
                layer._kernel.assign(corrected[layer.path])


def _get_lora_layers(model: keras_hub.models.Backbone) -> list:
    return [
        layer
        for layer in model._flatten_layers(include_self=False)
        if getattr(layer, "lora_enabled", False)
    ]
