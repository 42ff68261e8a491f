"""Needs that are made of tags and of facts."""

import gzip
import json

import numpy as np
import pytest

from benchmarks.needs.need_set import describe_movies
from benchmarks.needs.need_set import make_needs
from benchmarks.needs.need_set import read_tags
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import Item
from benchmarks.quality.interactions import build_interactions

_SENTENCE = "A man hunts another man all over the town!"


@pytest.fixture
def dataset():
    nothing = np.zeros(0, np.int64)
    return Dataset(
        build_interactions(nothing, nothing, nothing, nothing.astype(float)),
        {
            "1": Item("Heat (1995)"),
            "2": Item("Ronin (1998)"),
            "3": Item("Casino (1995)"),
        },
        has_real_times=True,
    )


def test_tags_of_two_people_are_needs_of_the_first(tmp_path, dataset):
    path = tmp_path / "tags.csv"
    path.write_text(
        "userId,movieId,tag,timestamp\n"
        "7,1,Heist,1\n"
        "8,2,heist ,2\n"
        "8,9,heist,2\n"  # no movie of the catalogue
        "7,1,mine,1\n"
        "7,2,mine,1\n"  # one person alone
        "7,1,top10,1\n"
        "8,1,top10,1\n"  # a list
    )
    found = read_tags(path, dataset)
    assert found.needs == ["heist"]
    assert found.answers == [frozenset({"1", "2"})]
    assert found.users == ["7"]


@pytest.fixture
def folder(tmp_path):
    facts = [
        ("1", "Al Pacino, Robert De Niro", "Michael Mann", "USA"),
        ("2", "Robert De Niro", "John Frankenheimer", "UK, France"),
        ("3", "Robert De Niro", "Martin Scorsese", "USA"),
        ("9", "Robert De Niro", "Nobody", "USA"),
    ]
    with gzip.open(tmp_path / "omdb.jsonl.gz", "wt") as file:
        for item_id, actors, director, country in facts:
            line = {
                "movie_id": int(item_id),
                "omdb_Actors": actors,
                "omdb_Director": director,
                "omdb_Country": country,
                "omdb_Plot": "N/A",
            }
            file.write(json.dumps(line) + "\n")
    with gzip.open(tmp_path / "plots.dat.gz", "wt") as file:
        facts = "::".join(["x"] * 7)  # year to cast
        poster = "https://images.example.com/a-poster-with-a-long-name.jpg"
        file.write(f"1::Heat::{facts}::A thief. {_SENTENCE}::{poster}\n")
    return tmp_path


def test_needs_are_made_of_facts_that_enough_movies_share(folder, dataset):
    kinds = make_needs(folder, dataset)
    assert kinds["person"].needs == ["a film with Robert De Niro"]
    assert kinds["person"].answers == [frozenset({"1", "2", "3"})]
    assert kinds["country"].needs == []  # no country has three
    assert kinds["decade"].needs == ["a film of the 1990s"]
    assert kinds["plot"].needs == [_SENTENCE]
    assert kinds["plot"].answers == [frozenset({"1"})]


def test_movies_are_described_by_their_facts(folder, dataset):
    described = describe_movies(folder, dataset)
    assert set(described) == {"1", "2", "3"}
    assert described["2"].startswith(
        "With Robert De Niro. Directed by John Frankenheimer. UK, France."
    )
