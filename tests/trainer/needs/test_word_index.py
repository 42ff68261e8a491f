"""BM25 in the graph."""

import math

import numpy as np
import tensorflow as tf

from trainer.needs.word_index import WordIndex
from trainer.needs.words import split_words

_TEXTS = ["horror night", "christmas story", "christmas horror", ""]


def _score(needs, texts=_TEXTS):
    return WordIndex(texts)(split_words(tf.constant(needs))).numpy()


def test_scores_are_those_of_bm25():
    # Mean length 6 / 4 = 1.5; two words: 1 - 0.75 + 0.75 * 2 / 1.5 = 1.25.
    # Both words are in 2 of 4 texts: each is half of the need's rarity.
    each = 0.5 * 2.2 / (1 + 1.2 * 1.25)
    np.testing.assert_allclose(
        _score(["christmas horror", "story"])[0],
        [each, each, 2 * each, 0.0],
        rtol=1e-5,
    )


def test_word_that_no_text_has_takes_a_share_of_the_need():
    # In 0 of 4 texts: ln(1 + 4.5 / 0.5) = ln 10; in 2 of 4: ln 2.
    known, whole = _score(["horror", "horror zzz"])[:, 0]
    np.testing.assert_allclose(
        whole / known, math.log(2) / math.log(20), rtol=1e-5
    )


def test_a_rare_word_counts_more_than_a_frequent_one():
    scores = _score(["christmas night"])[0]
    assert scores[0] > scores[1] > 0.0


def test_unknown_words_and_empty_needs_score_nothing():
    np.testing.assert_array_equal(_score(["zebra", "", "zzzzzz q"]), 0.0)


def test_no_needs_and_no_words_are_fine():
    assert _score(tf.zeros([0], tf.string)).shape == (0, 4)
    np.testing.assert_array_equal(_score(["night"], ["", ""]), np.zeros((1, 2)))
