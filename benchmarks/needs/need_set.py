"""Needs with their answers."""

import csv
import gzip
import json
import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.datasets import Dataset

_NUM_DRAWN = 60  # needs of a kind
_MIN_FILMS = 3  # of a person; fewer are found by luck
_MAX_FILMS = 300  # of a country: of more, a slate is right by chance
_ENOUGH = 40  # letters of a sentence that says something
_PLOTS_FILE, _FACTS_FILE = "plots.dat.gz", "omdb.jsonl.gz"
_PLOT_FIELD = 9  # of eleven; the last is the address of a poster
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_YEAR = re.compile(r"\((\d{4})\)\s*$")


@dataclass(frozen=True)
class NeedSet:
    """Needs, whose, and what answers them.

    Attributes:
        needs: Q texts.
        answers: ids of the items that answer each.
        users: who has each need; "" = nobody that is known.
    """

    needs: Sequence[str]
    answers: Sequence[frozenset[str]]
    users: Sequence[str]


def read_tags(path: Path, dataset: Dataset) -> NeedSet:
    """Reads the tags that people gave to movies, as needs.

    A tag that one person alone gave is a note to oneself ("getdvd"), and one
    with digits a list; both are left out. Who gave a tag first has the need.

    Args:
        path: tags.csv of MovieLens (userId, movieId, tag, timestamp).
        dataset: its catalogue may answer.
    """
    movies: dict[str, set[str]] = {}
    people: dict[str, dict[str, None]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            tag = row["tag"].strip().lower()
            people.setdefault(tag, {})[row["userId"]] = None
            if row["movieId"] in dataset.catalog:
                movies.setdefault(tag, set()).add(row["movieId"])
    tags = sorted(
        tag
        for tag in movies
        if len(people[tag]) > 1 and not re.search(r"\d", tag)
    )
    return NeedSet(
        tags,
        [frozenset(movies[tag]) for tag in tags],
        [next(iter(people[tag])) for tag in tags],
    )


def describe_movies(folder: Path, dataset: Dataset) -> dict[str, str]:
    """Describes movies by cast, director, country and plot, by item id."""
    facts = read_facts(folder, dataset)
    return {
        item_id: " ".join(
            [
                f"With {one['omdb_Actors']}.",
                f"Directed by {one['omdb_Director']}.",
                f"{one['omdb_Country']}.",
                one["omdb_Plot"],
            ]
        )
        for item_id, one in facts.items()
    }


def read_facts(folder: Path, dataset: Dataset) -> dict[str, dict[str, str]]:
    """Reads what omdb.jsonl.gz says of the catalogue's movies, by item id."""
    facts = {}
    with gzip.open(folder / _FACTS_FILE, "rt") as lines:
        for line in lines:
            movie = json.loads(line)
            facts[str(movie["movie_id"])] = {
                name: (movie.get(name) or "").replace("N/A", "")
                for name in (
                    *("omdb_Actors", "omdb_Director"),
                    *("omdb_Country", "omdb_Plot"),
                )
            }
    return {name: one for name, one in facts.items() if name in dataset.catalog}


def make_needs(folder: Path, dataset: Dataset) -> dict[str, NeedSet]:
    """Makes needs of persons, countries, decades and sentences of the plot.

    A sentence is of a longer plot than the one in the catalogue.

    Args:
        folder: holds omdb.jsonl.gz and plots.dat.gz.
        dataset: its catalogue answers.

    Returns:
        By kind of need.
    """
    facts = read_facts(folder, dataset)
    rng = np.random.default_rng(0)
    by_person = _group(facts, ("omdb_Actors", "omdb_Director"))
    by_country = _group(facts, ("omdb_Country",))
    decades: dict[str, set[str]] = {}
    for item_id, item in dataset.catalog.items():
        if year := _YEAR.search(item.title):
            decades.setdefault(f"{year[1][:3]}0s", set()).add(item_id)
    return {
        "person": _draw("a film with {}", by_person, rng),
        "country": _draw("a film from {}", by_country, rng),
        "decade": _draw("a film of the {}", decades, rng, limit=None),
        "plot": _draw("{}", _read_sentences(folder, dataset), rng, least=1),
    }


def _group(
    facts: Mapping[str, Mapping[str, str]], names: Sequence[str]
) -> dict[str, set[str]]:
    """Groups item ids by each of the values that a fact lists."""
    groups: dict[str, set[str]] = {}
    for item_id, one in facts.items():
        for name in names:
            for value in filter(None, one[name].split(", ")):
                groups.setdefault(value, set()).add(item_id)
    return groups


def _draw(
    pattern: str,
    groups: Mapping[str, set[str]],
    rng: np.random.Generator,
    least: int = _MIN_FILMS,
    limit: int | None = _MAX_FILMS,
) -> NeedSet:
    names = [
        name
        for name, movies in sorted(groups.items())
        if len(movies) >= least and (limit is None or len(movies) <= limit)
    ]
    drawn = rng.permutation(len(names))[:_NUM_DRAWN]
    chosen = [names[at] for at in sorted(drawn)]
    return NeedSet(
        [pattern.format(name) for name in chosen],
        [frozenset(groups[name]) for name in chosen],
        [""] * len(chosen),
    )


def _read_sentences(folder: Path, dataset: Dataset) -> dict[str, set[str]]:
    """The first sentence of each longer plot that tells something."""
    sentences: dict[str, set[str]] = {}
    with gzip.open(folder / _PLOTS_FILE, "rt", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("::")
            told = _SENTENCE.split(fields[_PLOT_FIELD])
            long = [s for s in told if len(s) >= _ENOUGH]
            if fields[0] in dataset.catalog and long:
                sentences.setdefault(long[0], set()).add(fields[0])
    return sentences
