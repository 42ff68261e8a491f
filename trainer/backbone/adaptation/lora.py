"""LoRA: trains a low-rank correction of the attention weights."""

import tempfile
from pathlib import Path

import keras

from trainer.backbone.adaptation.adapted_model import AdaptedModel
from trainer.backbone.modules.transformer_blocks import copy_backbone
from trainer.backbone.text_backbone import TextBackbone

_TARGETS = ("query", "value", "query_dense", "value_dense")


class LoraModel(AdaptedModel):
    """A copy of a backbone with trainable low-rank corrections.

    The copy is trained and the original stays unchanged until `merge`. So
    graphs traced over the original keep their variables, and the exported graph
    has no extra cost.

    Source:
        Hu et al., ICLR 2022, arXiv:2106.09685: W + A B on the query and value
        projections, B zero at the start. KerasHub's `enable_lora` lets the
        biases of these layers learn too; here they stay frozen.
    """

    def __init__(self, backbone: TextBackbone, rank: int, seed: int):
        """Adds A and B to a copy of the backbone.

        Raises:
            ValueError: the backbone has no attention projections.
        """
        copy = copy_backbone(backbone.model, seed)
        copy.enable_lora(rank, list(_TARGETS))
        weights = [
            weight
            for weight in copy.trainable_weights
            if "lora_kernel" in weight.name
        ]
        if not weights:
            raise ValueError(
                "Adaptation method 'lora' needs dense layers named one of"
                f" {_TARGETS}. Received: {type(copy).__name__}, which"
                " has none."
            )
        _set_random_starts(weights, seed)
        super().__init__(copy, [weight.value for weight in weights])

    def merge(self, backbone: TextBackbone) -> None:
        """Adds what was learned to the weights of the original."""
        with tempfile.TemporaryDirectory() as folder:
            # Keras merges the corrections into the kernels when it saves.
            path = str(Path(folder) / "merged.weights.h5")
            self.model.save_weights(path)
            backbone.model.load_weights(path)


def _set_random_starts(weights: list[keras.Variable], seed: int) -> None:
    """Replaces Keras's own random initial values: they ignore our seed."""
    for index, weight in enumerate(weights):
        if weight.name == "lora_kernel_a":
            start = keras.initializers.HeUniform(seed=seed + index)
            weight.assign(start(weight.shape))
