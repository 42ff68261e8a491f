import json

import pytest

from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.catalogue import read_catalogue


def _build(*titles: str) -> Catalogue:
    return Catalogue(
        ItemFacts(item_id=f"i{n}", title=title)
        for n, title in enumerate(titles)
    )


def _search(catalogue: Catalogue, text: str, limit: int = 10) -> list[str]:
    return [item.title for item in catalogue.search(text, limit)]


def test_every_typed_word_must_begin_a_word_of_the_title():
    catalogue = _build("The Big Blue", "Blue Velvet", "Big Fish")
    assert _search(catalogue, "bl") == ["Blue Velvet", "The Big Blue"]
    assert _search(catalogue, "BIG blu") == ["The Big Blue"]
    assert _search(catalogue, "lue") == []


def test_titles_that_begin_with_the_text_come_first():
    catalogue = _build("A Star Is Born", "Star Wars")
    assert _search(catalogue, "star") == ["Star Wars", "A Star Is Born"]


def test_search_without_a_word_lists_items_up_to_the_limit():
    assert _search(_build("A", "B", "C"), " ?! ", 2) == ["A", "B"]


def test_replaced_item_is_found_by_its_new_title_only():
    catalogue = _build("Old Name", "Other")
    catalogue.put([ItemFacts(item_id="i0", title="New Name")])
    assert _search(catalogue, "old") == []
    assert _search(catalogue, "new") == ["New Name"]
    assert len(catalogue) == 2


def test_search_knows_letters_beyond_ascii():
    assert _search(_build("Amélie", "ÉTÉ"), "été") == ["ÉTÉ"]


def test_unknown_item_is_called_by_its_id():
    assert _build().get_title("i9") == "i9"


def test_catalogue_file_holds_one_item_a_line(tmp_path):
    path = tmp_path / "items.jsonl"
    item = {"item_id": "a", "title": "A", "categories": ["x"], "price": 2.5}
    path.write_text(json.dumps(item) + "\n")
    assert list(read_catalogue(path)) == [
        ItemFacts(item_id="a", title="A", categories=("x",), price=2.5)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{",
        '{"item_id": "a"}',
        '{"x": 1}',
        '{"item_id": "a", "title": "\\ud800"}',  # half a surrogate pair
        '{"item_id": "a", "title": "A", "categories": ["\\ud800"]}',
        '{"item_id": "a", "title": "A", "price": NaN}',
    ],
)
def test_line_that_is_no_item_is_named(tmp_path, line):
    path = tmp_path / "items.jsonl"
    path.write_text('{"item_id": "a", "title": "A"}\n' + line + "\n")
    with pytest.raises(ValueError, match=r"items.jsonl:2 must be a JSON"):
        list(read_catalogue(path))


def _titled(catalogue: Catalogue, name: str) -> list[str]:
    return sorted(catalogue.find_titled(name))


def test_one_word_names_a_whole_title_and_several_its_beginning():
    catalogue = _build("Alien (1979)", "Alien 3", "Alien Nation", "My Alien")
    assert _titled(catalogue, "alien") == ["i0", "i1"]
    assert _titled(catalogue, "Alien Nation") == ["i2"]
    assert _titled(catalogue, "nation") == []
    assert _titled(catalogue, " ?! ") == []


def test_article_behind_a_title_counts_in_front_of_it():
    catalogue = _build("Matrix, The (1999)", "The Big Blue", "A Bug's Life")
    assert _titled(catalogue, "The Matrix") == ["i0"]
    assert _titled(catalogue, "matrix") == ["i0"]
    assert _titled(catalogue, "big blue") == ["i1"]
    assert _titled(catalogue, "the") == []


def test_category_is_found_in_singular_and_plural():
    names = ("Comedy", "Sci-Fi", "Zombies", "Dress", "R&B")
    catalogue = Catalogue(
        ItemFacts(item_id=name, title=name, categories=(name,))
        for name in names
    )
    for said, name in (
        ("comedies", "Comedy"),
        ("SCI FI", "Sci-Fi"),
        ("zombie", "Zombies"),
        ("dresses", "Dress"),
        ("r & b", "R&B"),
    ):
        assert catalogue.find_in_category(said) == {name}
    assert not catalogue.find_in_category("")
    assert not catalogue.find_in_category("comedian")


def test_word_is_guessed_to_mean_the_one_category_alike():
    animation = ItemFacts(item_id="a", title="A", categories=("Animation",))
    catalogue = Catalogue([animation])
    assert catalogue.guess_category("animated") == {"a"}
    assert not catalogue.guess_category("animator")
    assert not catalogue.guess_category("animated people")
    catalogue.put([ItemFacts(item_id="b", title="B", categories=("Animals",))])
    assert not catalogue.guess_category("animated")


def test_popular_titles_come_first_after_the_one_that_was_typed():
    catalogue = _build("Star Trek", "Star Wars", "Star", "Lone Star (1996)")
    popularity = {"i1": 9.0, "i3": 5.0, "i0": 1.0}
    found = [i.title for i in catalogue.search("star", 10, popularity)]
    assert found == ["Star", "Star Wars", "Lone Star (1996)", "Star Trek"]
    first = [item.title for item in catalogue.search("", 3, popularity)]
    assert first == ["Star Wars", "Lone Star (1996)", "Star Trek"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("The Matrix", "Matrix, The (1999)"),
        ("a bugs life", "Bug's Life, A (1998)"),
        ("amelie", "Amélie (2001)"),
    ],
)
def test_title_is_found_as_people_type_it(typed, title):
    titles = ["Matrix, The (1999)", "Bug's Life, A (1998)", "Amélie (2001)"]
    assert _search(_build(*titles), typed) == [title]


def test_article_alone_is_a_beginning_of_words():
    titles = ["Them! (1954)", "Matrix, The (1999)", "Heat"]
    assert _search(_build(*titles), "the") == titles[:2]
