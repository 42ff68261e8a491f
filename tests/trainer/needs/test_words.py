"""Texts become words that needs and items share."""

import pytest
import tensorflow as tf

from trainer.needs.words import list_words
from trainer.needs.words import split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zombie Zombies movie", ["zomby", "zomby", "movy"]),
        ("Robots, comedies & the Boss!", ["robot", "comedy", "the", "boss"]),
        ("L'Été à Paris", ["lete", "a", "paris"]),
        ("Sci-Fi_2", ["sci", "fi", "2"]),
        ("the Nineties", ["the", "90s"]),
        ("1990's", ["1990s"]),
        ("太空 film", ["太", "空", "film"]),
        ("Ужасы", ["ужасы"]),
        (" .,! ", []),
        ("", []),
    ],
)
def test_words_lose_case_accents_and_plurals(text, words):
    assert list_words([text]) == [words]


def test_bytes_that_are_no_text_are_replaced():
    found = split_words(tf.constant([b"war \xff\xfe film"])).to_list()
    assert found == [[b"war", b"film"]]


def test_no_texts_have_no_words():
    assert list_words([]) == []
    assert split_words(tf.zeros([0], tf.string)).nrows() == 0
