"""Words that are one letter off."""

import pytest
import tensorflow as tf

from trainer.needs.typo_table import TypoTable

_KNOWN = ["horror", "christmas", "анимация", "star", "morror"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("horor", "horror"),  # one letter is missing
        ("horrror", "horror"),  # one too many
        ("horrer", "horror"),  # a wrong one
        ("hororr", "horror"),  # two swapped
        ("chritsmas", "christmas"),
        ("анимацыя", "анимация"),
        ("orror", "horror"),  # of two that are near, the more frequent
    ],
)
def test_near_word_is_meant(typed, meant):
    assert TypoTable(_KNOWN)(tf.constant([typed])).numpy()[0].decode() == meant


@pytest.mark.parametrize(
    "typed",
    [
        "morror",  # known, though a more frequent one is near
        "horrors",  # known elsewhere
        "hrrr",  # two letters are missing
        "stra",  # too short to tell
        "christmas2",  # a number is no typing error
        "",
        "x" * 40,
    ],
)
def test_other_words_stay(typed):
    table = TypoTable(_KNOWN, ["horrors"])
    assert table(tf.constant([typed])).numpy()[0].decode() == typed


def test_no_vocabulary_and_no_words_are_fine():
    assert TypoTable([])(tf.constant(["horror"])).numpy()[0] == b"horror"
    assert TypoTable(_KNOWN)(tf.zeros([0], tf.string)).shape == [0]
