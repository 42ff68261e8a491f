"""Names that a need holds are demanded."""

import pytest
import tensorflow as tf

from tests.trainer.needs.catalogue import build_items
from trainer.needs.proper_names import ProperNames
from trainer.needs.words import split_words

_DESCRIPTIONS = (
    "a comedy with Jane Roe and John Doe about a house",
    "a drama with Jane Doe in New York and so on",
    "a story of a man from York in old England",
    "a thing about Horror and other things of the night",
    "",
)


@pytest.fixture(scope="module")
def names():
    items = build_items(
        titles=("One", "Two", "Three", "Saving John Doe", "New York (1999)"),
        descriptions=_DESCRIPTIONS,
    )
    return ProperNames(items, ["saving john doe", "new york"], ["Horror"])


@pytest.mark.parametrize(
    ("need", "lacks"),
    [
        ("a film with Jane Roe", [0, 1, 1, 1, 1]),
        ("jane roe", [0, 1, 1, 1, 1]),
        ("something with Doe", [0, 0, 1, 0, 1]),
        ("Jane Roe and Jane Doe", [1, 1, 2, 2, 2]),
        ("New York", [1, 0, 1, 1, 0]),  # a title, but a name too
        ("York", [1, 0, 0, 1, 0]),
        ("not with Jane Roe", [1, 0, 0, 0, 0]),
        ("John Doe, no Jane Roe", [1, 1, 1, 0, 1]),
        ("a film like Saving John Doe", [0, 0, 0, 0, 0]),
        ("horror", [0, 0, 0, 0, 0]),  # a category
        ("a house", [0, 0, 0, 0, 0]),
        ("a man who lives by himself in New York with Jane", [0, 0, 0, 0, 0]),
        ("", [0, 0, 0, 0, 0]),
    ],
)
def test_items_lack_the_names_of_a_need(names, need, lacks):
    found = names(split_words(tf.constant([need]))).numpy()
    assert found.tolist() == [lacks]


def test_needs_of_a_batch_do_not_mix(names):
    needs = tf.constant(["", "york", "a text with no name of anybody in it"])
    found = names(split_words(needs)).numpy()
    assert found.tolist() == [[0] * 5, [1, 0, 0, 1, 0], [0] * 5]


@pytest.mark.parametrize(
    "changes",
    [{}, {"titles": (), "descriptions": ()}],
    ids=["no names", "catalogue not read"],
)
def test_catalogue_without_names_demands_nothing(changes):
    names = ProperNames(build_items(**changes))
    found = names(split_words(tf.constant(["Jane Roe", "x"]))).numpy()
    assert found.tolist() == [[0] * 5] * 2
