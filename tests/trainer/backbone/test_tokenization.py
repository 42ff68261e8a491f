"""Token ids: cut, padded, with their special tokens."""

import keras_hub
import pytest
import tensorflow as tf

from trainer.backbone.tokenization import Tokenization

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "sat"]


@pytest.fixture(scope="module")
def tokenizer():
    return keras_hub.models.BertTokenizer(VOCABULARY)


def _cut(tokenizer, texts, max_tokens=8, is_decoder=False):
    tokenization = Tokenization(tokenizer, max_tokens, is_decoder)
    ids, mask = tf.function(
        tokenization, input_signature=[tf.TensorSpec([None], tf.string)]
    )(tf.constant(texts))
    return ids.numpy().tolist(), mask.numpy().tolist()


def test_texts_are_padded_to_the_longest_of_the_batch(tokenizer):
    ids, mask = _cut(tokenizer, ["a cat", "cat"])
    assert ids == [[2, 5, 6, 3], [2, 6, 3, 0]]
    assert mask == [[1, 1, 1, 1], [1, 1, 1, 0]]


def test_long_texts_keep_their_closing_token(tokenizer):
    ids, _ = _cut(tokenizer, ["a cat sat a cat"], max_tokens=4)
    assert ids == [[2, 5, 6, 3]]


def test_texts_of_decoders_have_no_closing_token(tokenizer):
    ids, _ = _cut(tokenizer, ["a cat"], is_decoder=True)
    assert ids == [[2, 5, 6]]


def test_no_texts_keep_one_column(tokenizer):
    ids, mask = _cut(tokenizer, tf.constant([], tf.string))
    assert (ids, mask) == ([], [])
