"""Random backbones of few blocks, an encoder and a decoder."""

import keras
import keras_hub

from trainer.backbone.text_backbone import TextBackbone
from trainer.config import TextBackboneConfig

_WORDS = [
    "a",
    "the",
    "of",
    "red",
    "blue",
    "big",
    "small",
    "old",
    "man",
    "woman",
    "dog",
    "cat",
    "house",
    "river",
    "night",
    "love",
    "star",
    "ship",
    "king",
    "queen",
    "heat",
    "toy",
    "story",
    "horror",
    "crime",
    "romance",
    "war",
]
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def build_backbone(
    dropout: float = 0.1, seed: int = 7, num_layers: int = 2
) -> TextBackbone:
    """Makes a BERT, 16 wide, the same weights for the same seed."""
    keras.utils.set_random_seed(seed)
    vocabulary = [*_SPECIAL, *_WORDS]
    model = keras_hub.models.BertBackbone(
        vocabulary_size=len(vocabulary),
        num_layers=num_layers,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        max_sequence_length=32,
        dropout=dropout,
    )
    _enlarge(model)
    tokenizer = keras_hub.models.BertTokenizer(vocabulary=vocabulary)
    return TextBackbone(TextBackboneConfig(), model, tokenizer)


def build_decoder(seed: int = 7, num_layers: int = 2) -> TextBackbone:
    """Makes a Llama 3 with grouped queries, which reads whole words.

    Byte pairs belong to it, but their graph takes seconds to build each time;
    tests of `TextBackbone` and of its presets have them.
    """
    keras.utils.set_random_seed(seed)
    vocabulary = [*_SPECIAL, *_WORDS]
    tokenizer = keras_hub.models.BertTokenizer(vocabulary=vocabulary)
    model = keras_hub.models.Llama3Backbone(
        vocabulary_size=len(vocabulary),
        num_layers=num_layers,
        num_query_heads=2,
        num_key_value_heads=1,
        hidden_dim=16,
        intermediate_dim=32,
    )
    _enlarge(model)
    return TextBackbone(TextBackboneConfig(), model, tokenizer)


def _enlarge(model):
    """Random starts are so small that blocks hardly change their input."""
    for weight in model.weights:
        if weight.name in ("kernel", "embeddings"):
            weight.assign(5.0 * weight)
