"""What a need refuses, and what it asks for by title."""

import pytest

from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates import need_reading
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.need_reading import read_need

_ITEMS = {
    "scream": ("Scream (1996)", ("Horror", "Comedy")),
    "airplane": ("Airplane! (1980)", ("Comedy",)),
    "alien": ("Alien (1979)", ("Horror", "Sci-Fi")),
    "aliens": ("Alien: Resurrection (1997)", ("Sci-Fi",)),
    "nation": ("Alien Nation (1988)", ("Crime",)),
    "wars": ("Star Wars: Episode IV (1977)", ("Sci-Fi", "Adventure")),
    "matrix": ("Matrix, The (1999)", ("Action", "Sci-Fi")),
    "shrek": ("Shrek (2001)", ("Animation", "Comedy")),
    "men": ("No Country for Old Men (2007)", ("Crime", "Drama")),
    "pride": ("Pride and Prejudice (1995)", ("Romance", "Drama")),
    "platoon": ("Platoon (1986)", ("War", "Drama")),
}


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(
        ItemFacts(item_id=item_id, title=title, categories=categories)
        for item_id, (title, categories) in _ITEMS.items()
    )


@pytest.mark.parametrize(
    ("need", "text", "excluded"),
    [
        ("no horror", "", "alien scream"),
        ("a comedy, but no horror", "a comedy", "alien scream"),
        ("a comedy but not horror please", "a comedy", "alien scream"),
        ("NO HORROR FILMS", "", "alien scream"),
        ("no comedies", "", "airplane scream shrek"),
        ("space, no sci fi movies", "space", "alien aliens matrix wars"),
        ("space without any Sci-Fi", "space", "alien aliens matrix wars"),
        ("I do not like animated films", "", "shrek"),
        ("anything but crime", "", "men nation"),
        ("no horror or war", "", "alien platoon scream"),
        ("no horror, no war", "", "alien platoon scream"),
        ("drama but no war and no crime", "drama", "men nation platoon"),
        ("not Star Wars", "", "wars"),
        ("sci-fi except Star Wars", "sci-fi", "wars"),
        ("not the Matrix", "", "matrix"),
        ("something like Shrek but not Shrek", "something like Shrek", "shrek"),
        ("not Alien", "", "alien aliens"),
        ("not Pride and Prejudice", "", "pride"),
        ("太空 不要 Horror", "太空", "alien scream"),
        ("太空，不要Horror。", "太空", "alien scream"),
    ],
)
def test_what_is_refused_is_excluded_and_not_searched_for(
    catalogue, need, text, excluded
):
    found = read_need(need, catalogue)
    assert found.text == text
    assert sorted(found.excluded_item_ids) == excluded.split()
    assert not found.unmet


@pytest.mark.parametrize(
    ("need", "text", "unmet"),
    [
        ("nothing scary", "", ["scary"]),
        ("a thriller without Tom Cruise", "a thriller", ["Tom Cruise"]),
        ("not too long", "", ["too long"]),
        ("不要恐怖", "", ["恐怖"]),
        ("no violence or horror", "", ["violence"]),
    ],
)
def test_what_cannot_be_obeyed_is_said(catalogue, need, text, unmet):
    found = read_need(need, catalogue)
    assert found.text == text
    assert list(found.unmet) == unmet


@pytest.mark.parametrize(
    "need",
    [
        "",
        "no",
        "a scary horror film",
        "No Country for Old Men",
        "nothing but action",
        "a nonsense comedy",
        "notable drama",
        "knots and nothing",
    ],
)
def test_what_refuses_nothing_stays_as_it_is(catalogue, need):
    found = read_need(need, catalogue)
    assert (found.text, found.excluded_item_ids, found.unmet) == (need, (), ())


def test_more_than_a_request_can_exclude_is_said(catalogue, monkeypatch):
    monkeypatch.setattr(need_reading, "_MAX_EXCLUDED", 2)
    found = read_need("no horror, no comedy", catalogue)
    assert sorted(found.excluded_item_ids) == ["alien", "scream"]
    assert found.unmet == ("comedy",)


def test_items_that_come_later_are_refused_too(catalogue):
    catalogue.put(
        [ItemFacts(item_id="new", title="Saw (2004)", categories=("Horror",))]
    )
    try:
        found = read_need("no horror", catalogue)
        assert "new" in found.excluded_item_ids
    finally:
        catalogue.put([ItemFacts(item_id="new", title="Saw (2004)")])
    assert "new" not in read_need("no horror", catalogue).excluded_item_ids


@pytest.mark.parametrize(
    ("need", "named"),
    [
        ("star wars", ["wars"]),
        ("The Matrix", ["matrix"]),
        ("alien", ["alien", "aliens"]),
        ("alien, no crime", ["alien", "aliens"]),
        ("No Country for Old Men", ["men"]),
        ("Shrek but not Shrek", []),
        ("a film like Shrek", []),
        ("war", []),  # a category
        ("", []),
    ],
)
def test_items_are_asked_for_by_title(catalogue, need, named):
    assert list(read_need(need, catalogue).named_item_ids) == named


def test_a_beginning_of_many_titles_names_none():
    titles = [f"The Man {n}" for n in range(11)]
    items = [ItemFacts(item_id=t, title=t) for t in titles]
    assert not read_need("the man", Catalogue(items)).named_item_ids
    assert len(read_need("the man", Catalogue(items[1:])).named_item_ids) == 10
