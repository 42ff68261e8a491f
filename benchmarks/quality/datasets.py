"""The datasets: events and catalogue."""

import csv
import dataclasses
import gzip
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.interactions import load_movielens_small
from benchmarks.quality.interactions import pad_ids
from components.behavior_example_gen.config import Ties

_MOVIES_1M_FILES = ("ratings.csv.gz", "movies.dat", "omdb.jsonl.gz")
_MINUTE = 60  # seconds
_MILLENNIUM = 946_684_800  # seconds; 2000-01-01, when MovieLens 1M was made


@dataclass(frozen=True)
class Item:
    """One item of the catalogue.

    Attributes:
        title: as the data has it.
        genres: their names.
        description: "" = none.
        released: date as ISO 8601; "" = not known.
    """

    title: str
    genres: tuple[str, ...] = ()
    description: str = ""
    released: str = ""


@dataclass(frozen=True)
class Dataset:
    """Events in order of time and the catalogue.

    Attributes:
        interactions: ids as they come, numbers in order of numbers.
        catalog: by item id; may hold items without events.
        has_real_times: whether timestamps mean more than the order of one
            user's events.
        ties: what ordered the events of one user and one second.
    """

    interactions: Interactions
    catalog: dict[str, Item]
    has_real_times: bool
    ties: Ties = "hash"

    def list_texts(self) -> list[Item]:
        """Returns the catalogue entry of each of `interactions.item_ids`."""
        return [
            self.catalog.get(item_id, Item(""))
            for item_id in self.interactions.item_ids
        ]


def load_small(ties: Ties = "hash") -> Dataset:
    """Loads MovieLens latest-small with the demo's catalogue.

    Args:
        ties: as of `load_movielens_small`.
    """
    from pipeline.commands import demo_data

    with tempfile.TemporaryDirectory() as folder:
        demo_data.export_movielens_small(folder)
        path = Path(folder) / demo_data.MOVIES_FILE
        with path.open(newline="") as file:
            catalog = {
                row["item_id"]: Item(
                    row["title"],
                    tuple(filter(None, row["genres"].split("|"))),
                    released=row["released"],
                )
                for row in csv.DictReader(file)
            }
    if ties == "item_id":
        padded = pad_ids(np.array(list(catalog))).tolist()
        catalog = dict(zip(padded, catalog.values(), strict=True))
    return Dataset(load_movielens_small(ties), catalog, True, ties)


def take_part(dataset: Dataset, num_users: int, num_items: int) -> Dataset:
    """Keeps a part of a dataset that takes less time.

    Args:
        dataset: the whole.
        num_users: how many users, a fixed draw.
        num_items: how many items, those with most events.
    """
    data = dataset.interactions
    counts = np.bincount(data.items, minlength=len(data.item_ids))
    items = np.argsort(-counts, kind="stable")[:num_items]
    users = np.random.RandomState(0).permutation(np.unique(data.users))
    kept = np.isin(data.items, items) & np.isin(data.users, users[:num_users])
    names = set(data.item_ids[items])
    return dataclasses.replace(
        dataset,
        interactions=data.select(kept),
        catalog={k: v for k, v in dataset.catalog.items() if k in names},
    )


def load_movies_1m(folder: Path) -> Dataset:
    """Loads MovieLens 1M in the order of the published SASRec files.

    `seq_pos` is the place of a rating in that order. It is -1 for 598
    ratings: those of the 290 movies that fewer than 5 people rated, which
    the published files leave out. So do we, of the events and of the
    catalogue: 999,611 ratings of 3,416 movies by 6,040 people.

    There are no true times. The n-th event of everybody is given the n-th
    minute of the year 2000: the order is right, but gaps between events and
    comparisons of two users' times mean nothing.

    Args:
        folder: holds ratings.csv.gz (user_id, movie_id, rating, seq_pos),
            movies.dat (id::title::genres, latin-1) and omdb.jsonl.gz
            (movie_id, omdb_Plot; "N/A" = none), one movie a line.

    Raises:
        FileNotFoundError: a file is missing.

    Source:
        Harper and Konstan, TiiS 2015, doi:10.1145/2827872; the order: Kang
        and McAuley, ICDM 2018, doi:10.1109/ICDM.2018.00035.
    """
    missing = [
        name for name in _MOVIES_1M_FILES if not (folder / name).exists()
    ]
    if missing:
        raise FileNotFoundError(
            f"movies-1m needs a folder with {', '.join(_MOVIES_1M_FILES)}; name"
            f" it with --movies-1m. Received: {folder}, without"
            f" {', '.join(missing)}."
        )
    with gzip.open(folder / _MOVIES_1M_FILES[0], "rt") as file:
        ratings = np.loadtxt(file, np.int64, delimiter=",", skiprows=1)
    users, movies, values, places = ratings[ratings[:, 3] >= 0].T
    interactions = build_interactions(
        users, movies, _MILLENNIUM + places * _MINUTE, values
    )
    catalog = _read_movies(folder)
    return Dataset(
        interactions,
        {name: catalog[name] for name in interactions.item_ids.tolist()},
        has_real_times=False,
    )


def _read_movies(folder: Path) -> dict[str, Item]:
    plots = {}
    with gzip.open(folder / _MOVIES_1M_FILES[2], "rt") as file:
        for line in file:
            movie = json.loads(line)
            plot = movie.get("omdb_Plot") or ""
            plots[str(movie["movie_id"])] = "" if plot == "N/A" else plot
    movies = {}
    text = (folder / _MOVIES_1M_FILES[1]).read_text(encoding="latin-1")
    for line in text.splitlines():
        item_id, title, genres = line.split("::")
        movies[item_id] = Item(
            title, tuple(genres.split("|")), plots.get(item_id, "")
        )
    return movies
