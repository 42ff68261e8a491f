"""What needs name is demanded, what they refuse is demanded to be absent."""

import pytest
import tensorflow as tf

from tests.trainer.needs.catalogue import build_items
from trainer.needs.facets import Facets
from trainer.needs.words import split_words


@pytest.fixture(scope="module")
def facets():
    return Facets(build_items())


@pytest.mark.parametrize(
    ("need", "lacks"),
    [
        ("horror", [0, 0, 1, 1, 1]),
        ("horror comedies", [0, 1, 2, 2, 1]),
        ("a romantic story", [1, 1, 1, 0, 1]),
        ("animated", [1, 1, 1, 1, 0]),
        ("sci-fi", [1, 1, 1, 0, 1]),
        ("scifi", [1, 1, 1, 0, 1]),
        ("no horror", [1, 1, 0, 0, 0]),
        ("without any horror", [1, 1, 0, 0, 0]),
        ("a comedy, but no horror", [1, 2, 1, 1, 0]),
        ("true romance", [0, 0, -1, 0, 0]),  # a title, not the category
        ("The Matrix", [0, 0, 0, -1, 0]),
        ("the matrix (1999)", [0, 0, 0, -1, 0]),
        ("christmas", [0, 0, 0, 0, -1]),
        ("films about trains", [0, 0, 0, 0, 0]),
        ("", [0, 0, 0, 0, 0]),
    ],
)
def test_items_lack_what_is_named(facets, need, lacks):
    found = facets(split_words(tf.constant([need]))).numpy()
    assert found.tolist() == [lacks]


def test_needs_of_a_batch_do_not_mix(facets):
    needs = tf.constant(["", "a comedy, but no horror", "horror"])
    found = facets(split_words(needs)).numpy()
    assert found.tolist() == [
        [0, 0, 0, 0, 0],
        [1, 2, 1, 1, 0],
        [0, 0, 1, 1, 1],
    ]


def test_form_that_fits_two_categories_names_neither():
    items = build_items(
        categories=("Animatics", "Animation", "Horror", "Romance", "Sci-Fi")
    )
    found = Facets(items)(split_words(tf.constant(["animated"])))
    assert found.numpy().tolist() == [[0, 0, 0, 0, 0]]


def test_fantastic_is_no_fantasy():
    items = build_items(
        categories=("Animation", "Comedy", "Fantasy", "Romance", "Sci-Fi")
    )
    words = split_words(tf.constant(["fantastic", "fantasies", "romantic"]))
    lacks = Facets(items)(words).numpy()
    assert lacks.any(axis=1).tolist() == [False, True, True]


def test_what_people_say_for_a_category_names_it():
    said = {"Horror": ["scary", "blood and gore"], "War": ["battle"]}
    facets = Facets(build_items(), said)
    needs = ["scary", "not scary", "blood and gore", "gore", "battles"]
    lacks = facets(split_words(tf.constant(needs))).numpy().tolist()
    is_no_horror = [0, 0, 1, 1, 1]
    is_horror = [1, 1, 0, 0, 0]
    nothing = [0, 0, 0, 0, 0]
    assert lacks == [*(is_no_horror, is_horror, is_no_horror, nothing, nothing)]


def test_name_of_a_category_stands_for_no_other():
    facets = Facets(build_items(), {"Horror": ["romance"]})
    found = facets(split_words(tf.constant(["romances"]))).numpy()
    assert found.tolist() == [[1, 1, 1, 0, 1]]


def test_catalogue_without_titles_and_categories_names_nothing():
    items = build_items(
        titles=(),
        categories=(),
        category_ids=build_items().category_ids * 0 - 1,
    )
    found = Facets(items)(split_words(tf.constant(["horror of the matrix"])))
    assert found.numpy().tolist() == [[0, 0, 0, 0, 0]]


def test_words_of_scripts_without_spaces_name_a_category():
    facets = Facets(build_items(), {"Sci-Fi": ["科幻"]})
    found = facets(split_words(tf.constant(["太空科幻"]))).numpy()
    assert found.tolist() == [[1, 1, 1, 0, 1]]
