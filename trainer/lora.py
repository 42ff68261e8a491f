"""LoRA: learn a small correction of the attention weights."""

import tempfile
from pathlib import Path

import keras
import keras_hub
import tensorflow as tf

_TARGETS = ("query", "value", "query_dense", "value_dense")


class LoraModel:
    """A copy of a backbone of which only low-rank corrections learn.

    The copy trains and the original stays as it is until `merge`. So graphs
    traced over the original keep their variables, and the exported one pays
    nothing for the adaptation.

    Source:
        Hu et al., ICLR 2022, arXiv:2106.09685: W + A B on the query and value
        projections, B zero at the start. KerasHub's `enable_lora` lets the
        biases of these layers learn too; here they stay frozen.

    Attributes:
        model: the copy that computes with the corrections.
        trainable_variables: plain `tf.Variable`s, all A and all B.
    """

    def __init__(
        self, original: keras_hub.models.Backbone, rank: int, seed: int
    ):
        self._original = original
        self.model = type(original).from_config(original.get_config())
        self.model.set_weights(original.get_weights())
        self.model.enable_lora(rank, list(_TARGETS))
        weights = [
            weight
            for weight in self.model.trainable_weights
            if "lora_kernel" in weight.name
        ]
        if not weights:
            raise ValueError(
                "Adaptation method 'lora' needs dense layers named one of"
                f" {_TARGETS}. Received: {type(original).__name__}, which"
                " has none."
            )
        self._set_random_state(weights, seed)
        self.trainable_variables = [weight.value for weight in weights]

    def merge(self) -> None:
        """Adds what was learned to the weights of the original."""
        with tempfile.TemporaryDirectory() as folder:
            # Keras merges the corrections into the kernels when it saves.
            path = str(Path(folder) / "merged.weights.h5")
            self.model.save_weights(path)
            self._original.load_weights(path)

    def _set_random_state(
        self, weights: list[keras.Variable], seed: int
    ) -> None:
        """Replaces Keras's own random starts: they ignore our seed."""
        for index, weight in enumerate(weights):
            if weight.name == "lora_kernel_a":
                start = keras.initializers.HeUniform(seed=seed + index)
                weight.assign(start(weight.shape))
        kept = {id(weight) for weight in self.model.weights}
        states = [v for v in self.model.variables if id(v) not in kept]
        for index, state in enumerate(states):  # of the dropout layers
            state.assign(tf.constant([seed, index], state.dtype))
