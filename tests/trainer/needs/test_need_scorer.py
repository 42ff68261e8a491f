"""What needs make of the scores."""

import numpy as np
import tensorflow as tf

from tests.trainer.needs.catalogue import build_items
from trainer.needs.need_scorer import NeedScorer
from trainer.needs.said_need import SaidNeed

_NOBODY, _SOMEBODY = [True], [False]
_RISING = (1.0, 2.0, 3.0, 4.0, 5.0)


def _score(text, scores=(0.0, 0.0, 0.0, 0.0, 0.0), is_new=_NOBODY, vector=0):
    items = build_items()
    scorer = NeedScorer(items, tf.Variable(items.text_vectors))
    scorer.assign_weights(
        [[1.0, 1.0, 10.0, 0.5], [3.0, 0.0, 0.0, 0.0]],
        [[2.0, 0.0, 0.0, 0.0]] * 2,
    )
    need = SaidNeed(
        text=tf.constant([text]),
        vectors=tf.one_hot([vector], 4),
        queries=tf.zeros([1, 3]),
    )
    return scorer(
        tf.constant([scores]), need, tf.zeros([1, 5]), tf.constant(is_new)
    ).numpy()[0]


def test_item_whose_text_is_similar_comes_first():
    assert _score("a text without words of any item", vector=2).argmax() == 2


def test_item_that_holds_the_words_comes_before_one_that_does_not():
    scores = _score("machines", vector=0)
    assert scores[3] > scores[1]


def test_what_is_named_comes_first_however_much_speaks_for_others():
    scores = _score("horror", scores=(0.0, -9.0, 50.0, 50.0, 50.0))
    assert set(np.argsort(-scores)[:2]) == {0, 1}


def test_what_lacks_least_keeps_its_score_where_nothing_has_all():
    # Items 0 and 1 are horror, item 3 is sci-fi, none is both.
    scores = _score("sci-fi horror")
    assert (scores[[0, 1, 3]] >= 0.0).all()
    assert (scores[[2, 4]] < 0.0).all()


def test_title_comes_first():
    scores = _score("matrix", scores=(9.0, 9.0, 9.0, -9.0, 9.0))
    assert scores.argmax() == 3


def test_weights_depend_on_whether_there_is_a_history():
    scores = _score("a text", _RISING, is_new=_SOMEBODY)
    np.testing.assert_allclose(scores, [2.0, 4.0, 6.0, 8.0, 10.0])


def test_weights_depend_on_whether_the_need_is_long():
    scores = _score("one two three four five six seven eight nine", _RISING)
    np.testing.assert_allclose(scores, [3.0, 6.0, 9.0, 12.0, 15.0])


def test_who_says_nothing_keeps_the_scores():
    np.testing.assert_array_equal(_score("", _RISING), _RISING)


def test_typing_errors_are_corrected_and_other_texts_stay_as_they_are():
    items = build_items()
    scorer = NeedScorer(items, tf.Variable(items.text_vectors), ["marine"])
    given = ["Horor for zombies!", "A Horror film", "marine", "machinas", ""]
    found = scorer.correct(tf.constant(given)).numpy()
    assert [text.decode() for text in found] == [
        "horror for zombies",
        "A Horror film",
        "marine",  # not "machine": the language model knows the word
        "machine",
        "",
    ]


def test_known_words_are_known_in_any_number():
    items = build_items(descriptions=("", "", "", "a planet", ""))
    scorer = NeedScorer(items, tf.Variable(items.text_vectors), ["planers"])
    found = scorer.correct(tf.constant(["planers", "planer", "planot"]))
    # The catalogue's "planet" is one letter from each of them.
    expected = [b"planers", b"planer", b"planet"]
    assert found.numpy().tolist() == expected


def test_needs_of_which_the_catalogue_has_half_of_the_words_are_known():
    items = build_items()
    scorer = NeedScorer(items, tf.Variable(items.text_vectors))
    given = ["machines zzz", "horor", "zzz yyy machines", "太空", "...", ""]
    found = scorer.knows(tf.constant(given)).numpy().tolist()
    assert found == [True, True, False, False, False, False]
