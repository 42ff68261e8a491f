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
    "rebel": ("Rebel Without a Cause (1955)", ("Drama",)),
    "face": ("Man Without a Face, The (1993)", ("Drama",)),
    "be": ("To Be or Not to Be (1942)", ("Drama",)),
    "gone": ("Gone with the Wind (1939)", ("Drama",)),
    "monsters": ("Monsters, Inc. (2001)", ("Fantasy",)),
    "300": ("300 (2007)", ("Action",)),
    "mystery": ("Mystery Men (1999)", ("Action",)),
    "secret": ("Secret, The (2007)", ("Mystery",)),
    "news": ("Front Page, The (1931)", ("News",)),
    "ray": ("Ray (2004)", ("R&B",)),
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
        ("不要Horror和War", "", "alien platoon scream"),
        ("no horror but no war either", "", "alien platoon scream"),
        ("I don’t want to watch horror", "", "alien scream"),
        ("I hate horror, and I don't want a war", "", "alien platoon scream"),
        ("not in the mood for horror tonight", "", "alien scream"),
        ("a comedy w/o horror elements", "a comedy", "alien scream"),
        ("non-horror sci-fi", "sci-fi", "alien scream"),
        ("comedy/no horror", "comedy", "alien scream"),
        ('"no horror"', "", "alien scream"),
        ("comedy (no horror)", "comedy", "alien scream"),
        ("neither horror nor war", "", "alien platoon scream"),
        ("no horror, crime or war", "", "alien men nation platoon scream"),
        ("no horror, crime, war", "", "alien men nation platoon scream"),
        ("no horror, comedy", "comedy", "alien scream"),
        (
            "nothing but comedy and no horror",
            "nothing but comedy",
            "alien scream",
        ),
        ("not Gone with the Wind", "", "gone"),
        ("not Star Wars: Episode IV", "", "wars"),
        ("not Monsters, Inc.", "", "monsters"),
        ("not Pride and Prejudice and not Shrek", "", "pride shrek"),
        ("not 300", "", "300"),
        ("not Mystery Men", "", "mystery"),
        ("no R&B", "", "ray"),
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
        ("no films with violence", "", ["with violence"]),
        ("no comedies with Adam Sandler", "", ["comedies with Adam Sandler"]),
        ("no horrible people", "", ["horrible people"]),
        ("no horrors of war", "", ["horrors of war"]),
        ("no romans", "", ["romans"]),
        ("nothing new", "", ["new"]),
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
        "Rebel Without a Cause",
        "Man Without a Face, The (1993)",
        "To Be or Not to Be",
        "movies like No Country for Old Men, but funny",
        "why not a comedy?",
        "not only horror",
        "I do not mind horror",
        "no matter what",
        "something I have not seen",
        "要不要Horror",
    ],
)
def test_what_refuses_nothing_stays_as_it_is(catalogue, need):
    found = read_need(need, catalogue)
    assert (found.text, found.excluded_item_ids, found.unmet) == (need, (), ())


def test_other_words_for_a_category_are_refused_as_its_name_is():
    said = {"Horror": ["scary", "blood and gore"], "Comedy": ["funny"]}
    catalogue = Catalogue(
        [
            ItemFacts(item_id="scream", title="Scream", categories=("Horror",)),
            ItemFacts(item_id="shrek", title="Shrek", categories=("Comedy",)),
        ],
        said,
    )
    for need in ("no scary movies", "nothing scary", "no blood and gore"):
        read = read_need(need, catalogue)
        assert read.excluded_item_ids == ("scream",)
        assert read.unmet == ()
    assert read_need("no kids films", catalogue).unmet == ("kids",)


def test_of_very_many_refusals_the_first_ten_are_read(catalogue):
    names = [f"x{n}" for n in range(1000)]
    found = read_need(", ".join(f"no {name}" for name in names), catalogue)
    assert list(found.unmet) == names[:10]
    assert found.text.endswith("no x998, no x999")


def test_white_space_says_nothing(catalogue):
    found = read_need("comedy" + " " * 9000 + "no\t\n horror", catalogue)
    assert found.text == "comedy"
    assert sorted(found.excluded_item_ids) == ["alien", "scream"]


def test_more_than_a_request_can_exclude_is_said(catalogue, monkeypatch):
    monkeypatch.setattr(need_reading, "MAX_EXCLUDED", 2)
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
        ("Secret", ["secret"]),
        ("the", []),
        ("it's", []),
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
