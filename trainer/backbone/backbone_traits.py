"""Properties of KerasHub backbones and tokenizers."""

import hashlib

import keras_hub
import tensorflow as tf

_HOLDERS = ("BytePairTokenizerCache", "SentencepieceTokenizer")  # of tables


def get_input_names(model: keras_hub.models.Backbone) -> set[str]:
    """Names of the model's inputs; none where they are not named."""
    return set(model.input) if isinstance(model.input, dict) else set()


def is_decoder(model: keras_hub.models.Backbone) -> bool:
    """Whether KerasHub uses this backbone for text generation."""
    open_classes = [keras_hub.models.CausalLM]
    while open_classes:
        current = open_classes.pop()
        if type(model) is getattr(current, "backbone_cls", None):
            return True
        open_classes.extend(current.__subclasses__())
    return False


def get_tables(holder: object) -> list:
    """Lookup tables of a tokenizer that an export must include."""
    found = []
    for value in vars(holder).values():
        if isinstance(value, tf.saved_model.experimental.TrackableResource):
            found.append(value)
        elif type(value).__name__ in _HOLDERS:
            found.extend(get_tables(value))
    return found


def compute_vocabulary_digest(
    tokenizer: keras_hub.tokenizers.Tokenizer,
) -> bytes:
    """Sha256 over all tokens in their order."""
    vocabulary = "\n".join(map(str, tokenizer.get_vocabulary()))
    return hashlib.sha256(vocabulary.encode()).digest()


def list_whole_words(tokenizer: keras_hub.tokenizers.Tokenizer) -> set[str]:
    """Lists the words that a tokenizer knows as one token, in small letters."""
    known = getattr(tokenizer, "get_vocabulary", list)()
    # GPT-2's and SentencePiece's tokens begin a word with one of these.
    plain = [token.lstrip("\u0120\u2581") for token in known]
    return {word.casefold() for word in plain if word.isalpha()}
