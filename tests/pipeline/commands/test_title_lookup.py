"""A typed title finds one item, or close ones are listed."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.commands.title_lookup import TitleLookup
from pipeline.commands.title_lookup import UnknownTitleError
from pipeline.commands.title_lookup import load_title_lookup

TITLES = {
    "1": "Toy Story (1995)",
    "2": "Toy Story 2 (1999)",
    "3": "Heat (1995)",
    "4": "heat (1995)",
    "5": "Fargo (1996)",
    "6": "Crash (1996)",
    "7": "Crash (1996)",
}


@pytest.fixture(scope="module")
def lookup():
    return TitleLookup(TITLES)


@pytest.mark.parametrize(
    ("typed", "item_id"),
    [
        ("Toy Story (1995)", "1"),
        ("Heat (1995)", "3"),  # exact wins over the same title in lower case
        ("  fargo   (1996) ", "5"),
        ("Fargo", "5"),
        ("toy story", "1"),  # but for the year; "toy story 2" is longer
        ("toy story 2", "2"),
        ("Farog (1996)", "5"),
        ("5", "5"),  # an id
    ],
)
def test_title_finds_its_item(lookup, typed, item_id):
    assert lookup.find_item_id(typed) == item_id


@pytest.mark.parametrize(
    ("typed", "close"),
    [
        ("Toy Sto", "Toy Story 2 (1999) [2]"),  # a prefix of two titles
        ("Crash (1996)", "Crash (1996) [7]"),  # two items of one title
        ("HEAT (1995)", "Heat (1995) [3]"),
    ],
)
def test_title_that_fits_two_items_lists_both(lookup, typed, close):
    with pytest.raises(UnknownTitleError, match="fits 2") as caught:
        lookup.find_item_id(typed)
    assert close in str(caught.value)


def test_title_wins_over_an_id_and_an_id_over_the_beginning_of_titles():
    titles = {"300": "Heat (1995)", "7": "300 (2007)", "3": "Fargo (1996)"}
    numbers = TitleLookup({**titles, "8": "3 Women (1977)"})
    assert numbers.find_item_id("300") == "7"
    assert numbers.find_item_id("3") == "3"  # two titles begin with 3


def test_unknown_title_lists_close_ones(lookup):
    with pytest.raises(UnknownTitleError) as caught:
        lookup.find_item_id("Fargoo the movie")
    assert "'Fargoo the movie'" in str(caught.value)
    assert "Fargo (1996) [5]" in str(caught.value)


@pytest.mark.parametrize("typed", ["", "   ", "zzzzqqqq"])
def test_text_close_to_nothing_is_refused(lookup, typed):
    with pytest.raises(UnknownTitleError, match="No title is close"):
        lookup.find_item_id(typed)


def test_unknown_id_stands_for_itself(lookup):
    assert lookup.get_title("99") == "99"


def test_titles_are_read_from_a_pushed_version(tmp_path):
    folder = tmp_path / "assets.extra"
    folder.mkdir()
    pq.write_table(
        pa.table({"item_id": ["a"], "title": ["Amélie"], "price": [1.0]}),
        folder / "catalog.parquet",
    )
    assert load_title_lookup(tmp_path).find_item_id("amélie") == "a"


def test_version_without_catalogue_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"catalog\.parquet"):
        load_title_lookup(tmp_path)
