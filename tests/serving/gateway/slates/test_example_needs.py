from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.example_needs import build_example_needs
from serving.gateway.slates.example_needs import count_categories
from serving.gateway.slates.need_reading import read_need


def _make(item_id, title, *categories):
    return ItemFacts(item_id=item_id, title=title, categories=categories)


ITEMS = [
    _make("1", "Heat (1995)", "Drama", "Crime"),
    _make("2", "Alone (1994)", "Drama"),
    _make("3", "Fun (1991)", "Drama", "Comedy"),
    _make("4", "Older (1985)", "Drama", "Comedy"),
    _make("5", "Spy (1996)", "Crime", "Comedy"),
    _make("6", "Matrix, The (1999)", "(no genres listed)"),
    _make("7", "Robots (2005)", "Sci-Fi"),
]


def test_categories_are_counted_the_largest_first():
    assert count_categories(ITEMS) == {
        "Drama": 4,
        "Comedy": 3,
        "Crime": 2,
        "(no genres listed)": 1,
        "Sci-Fi": 1,
    }


def test_needs_are_made_of_what_the_catalogue_has():
    needs = build_example_needs(ITEMS, count_categories(ITEMS), {"6": 2.0})
    # Half of the dramas are comedies. Both crime films are of the nineties.
    assert needs == [
        "Drama, but no Comedy",
        "Crime from the 1990s",
        "Sci-Fi",
        "like The Matrix",
    ]


def test_what_an_example_refuses_is_excluded():
    (need, *_) = build_example_needs(ITEMS, count_categories(ITEMS), {})
    read = read_need(need, Catalogue(ITEMS))
    assert (read.text, read.unmet) == ("Drama", ())
    assert set(read.excluded_item_ids) == {"3", "4", "5"}


def test_catalogue_without_categories_has_no_examples_but_titles():
    items = [
        _make("1", "A title of more than thirty characters"),
        _make("2", "Up"),
    ]
    assert build_example_needs(items, {}, {}) == []
    assert build_example_needs(items, {}, {"9": 3, "1": 2, "2": 1}) == [
        "like Up"
    ]
