"""Shared fixtures: everything a test reads is made up on the fly."""

import schemas  # noqa: F401  sets the Keras environment before TensorFlow

import pytest

_SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WORDS = (
    "a an the of and in for red blue green big small old new man woman dog cat "
    "house river night day love war star space ship king queen heat toy story "
    "drama comedy action horror crime animation children romance thriller"
)


@pytest.fixture(scope="session")
def tiny_backbone_preset(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Makes a random one-layer BERT preset.

    Returns:
        Folder in Keras style: a preset for `TextBackboneConfig`, 16 wide.
    """
    import keras
    import keras_hub

    keras.utils.set_random_seed(7)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,()':-"
    vocabulary = [*_SPECIAL_TOKENS, *_WORDS.split()]
    vocabulary += [c for c in letters if c not in vocabulary]
    vocabulary += [f"##{c}" for c in letters[:36]]
    folder = tmp_path_factory.mktemp("tiny_backbone")
    keras_hub.models.BertBackbone(
        vocabulary_size=len(vocabulary),
        num_layers=1,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        max_sequence_length=64,
    ).save_to_preset(str(folder))
    keras_hub.models.BertTokenizer(
        vocabulary=vocabulary, lowercase=True
    ).save_to_preset(str(folder))
    return str(folder)
