"""What fans see of sequels, on a model of 20 items and a longer catalogue."""

import json
import random

import pytest

from benchmarks.gateway import sequels
from schemas import signatures
from serving.gateway.records.item_facts import ItemFacts
from serving.model_server.server import ModelServer
from tests.serving.conftest import add_version
from tests.serving.tiny_recommender import export_tiny_recommender

# Each of a length of its own, which the model's score of a new item grows by.
_WORDS = [
    f"{one}o{other}i{'x' * (9 * row + column)}"
    for row, one in enumerate("bcdfgh")
    for column, other in enumerate("lmnprstvz")
]
_ITEMS = [
    ItemFacts(
        item_id=f"i{number:02d}",
        title=f"{word.title()} {word[::-1].title()} (1999)",
        categories=("drama",),
        description="of old",
    )
    for number, word in enumerate(_WORDS)
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """By how many title neighbours a slate gains at most."""
    folder = tmp_path_factory.mktemp("sequels")
    export_tiny_recommender(folder / "model")
    add_version(folder / "served", 1, folder / "model")
    catalogue = folder / "items.jsonl"
    catalogue.write_text(
        "".join(
            json.dumps({"item_id": one.item_id, "title": one.title}) + "\n"
            for one in _ITEMS
        )
    )
    found = {}
    with ModelServer(signatures.MODEL_NAME, folder / "served") as server:
        for most in (0, 3):
            with sequels.open_gateway(
                f"localhost:{server.port}", catalogue, most
            ) as gateway:
                histories = [[sequels._build_rating("i01", 5.0)]]
                found[most] = sequels.measure(gateway, _ITEMS, histories)
    return found


def test_fans_see_sequels_and_who_disliked_the_original_does_not(figures):
    assert figures[3]["fans"] == 40
    assert figures[3]["haters"] == 0


def test_neighbours_are_what_brings_them(figures):
    assert figures[0]["fans"] < figures[3]["fans"]


def test_sequel_has_the_title_of_its_original_and_an_id_of_its_own():
    made = sequels.build_sequels(_ITEMS, random.Random(0))
    assert len(made) == 40
    by_id = {one.item_id: one for one in _ITEMS}
    for item_id, sequel in made.items():
        title = by_id[item_id].title.removesuffix(" (1999)")
        assert sequel.title == f"{title} 2 (2026)"
        assert sequel.item_id not in by_id
        assert sequel.categories == ("drama",)
        assert sequel.description == ""


def test_unrelated_items_join_words_of_different_titles():
    made = sequels.build_unrelated(_ITEMS, random.Random(0))
    assert len({one.item_id for one in made}) == 40
    known = {word.title() for one in _WORDS for word in (one, one[::-1])}
    for one in made:
        assert set(one.title.removesuffix(" (2026)").split()) <= known
