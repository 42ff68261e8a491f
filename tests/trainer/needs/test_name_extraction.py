"""Names in descriptions."""

import pytest

from trainer.needs.name_extraction import extract_names


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["A film with Jane Roe in it."], {"Jane Roe", "Jane", "Roe"}),
        (["He met Robert De Niro there."], {"Robert De Niro"}),
        (["He met Carl van Dyck there."], {"Carl van Dyck"}),
        (["He met J. Lee Roe there."], {"J Lee Roe"}),
        (["He met Anne-Marie O'Neil there."], {"Anne-Marie O'Neil"}),
        (["He went to Vienna by train."], {"Vienna"}),
        (["Life in the USA, in colour."], {"USA"}),
        (["A story. Brazil. He leaves it."], {"Brazil"}),
        (["He met Éva Šárka there."], {"Éva Šárka"}),
    ],
)
def test_words_with_capital_letters_are_names(texts, names):
    assert names <= set(extract_names(texts))


@pytest.mark.parametrize(
    "texts",
    [
        ["Meanwhile he went home."],  # only begins a sentence
        ["Long ago a man went home. Then the Long road was long."],
        ["He was in a hurry. However, he came home."],
        ["BLUE SHIRT WITH LONG SLEEVES"],
        ["Blue Cotton Shirt With Long Sleeves"],  # a heading
        ["一部关于太空的电影。"],
        ["no capital letter"],
        ["", "..."],
        [],
    ],
)
def test_other_words_are_no_names(texts):
    assert extract_names(texts) == []


def test_common_word_before_a_name_is_no_part_of_it():
    found = extract_names(["he said when. When Harry came, all was well."])
    assert "Harry" in found
    assert "When Harry" not in found


def test_article_is_no_part_of_a_name():
    assert set(extract_names(["as the Red Baron said, red is red"])) == {
        "Red Baron",
        "Baron",
    }


def test_names_stand_by_how_frequent_they_are():
    texts = ["he saw Rome today", "she saw Rome today", "it saw Bonn today"]
    assert extract_names(texts) == ["Rome", "Bonn"]


def test_comma_parts_names():
    found = extract_names(["as seen by Jane Roe, John Doe and others here"])
    assert "Jane Roe" in found
    assert "John Doe" in found
    assert "Roe John" not in found
