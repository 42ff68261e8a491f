"""Traits of backbones, on the smallest models there are."""

import keras_hub
import pytest

from trainer.backbone.backbone_traits import compute_vocabulary_digest
from trainer.backbone.backbone_traits import get_input_names
from trainer.backbone.backbone_traits import get_tables
from trainer.backbone.backbone_traits import is_decoder
from trainer.backbone.backbone_traits import list_whole_words

SHAPE = {
    "vocabulary_size": 8,
    "num_layers": 1,
    "hidden_dim": 4,
    "intermediate_dim": 4,
}


@pytest.fixture(scope="module")
def encoder():
    return keras_hub.models.BertBackbone(num_heads=1, **SHAPE)


@pytest.fixture(scope="module")
def decoder():
    return keras_hub.models.GPT2Backbone(num_heads=1, **SHAPE)


def test_models_that_continue_a_text_are_decoders(encoder, decoder):
    llama = keras_hub.models.Llama3Backbone(
        num_query_heads=2, num_key_value_heads=1, **SHAPE
    )
    assert is_decoder(decoder)
    assert is_decoder(llama)
    assert not is_decoder(encoder)


def test_only_bert_reads_segments(encoder, decoder):
    assert get_input_names(decoder) == {"token_ids", "padding_mask"}
    assert get_input_names(encoder) - get_input_names(decoder) == {
        "segment_ids"
    }


def test_digest_follows_the_order_of_the_vocabulary():
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
    swapped = [*tokens[:5], "b", "a"]
    first, again, other = (
        compute_vocabulary_digest(
            keras_hub.models.BertTokenizer(vocabulary=one)
        )
        for one in (tokens, tokens, swapped)
    )
    assert first == again != other


def test_byte_pair_tokenizer_has_tables_and_word_piece_has_none():
    tokens = ["<|endoftext|>", "a", "b", "ab"]
    pairs = keras_hub.models.GPT2Tokenizer(
        vocabulary={token: i for i, token in enumerate(tokens)},
        merges=["a b"],
    )
    pairs(["ab"])  # makes them
    pieces = keras_hub.models.BertTokenizer(
        vocabulary=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]
    )
    assert len(get_tables(pairs)) > 0
    assert get_tables(pieces) == []


def test_whole_words_are_those_that_no_other_token_continues():
    tokenizer = keras_hub.tokenizers.BertTokenizer(
        vocabulary=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Heat", "##s"]
    )
    assert list_whole_words(tokenizer) == {"heat"}
