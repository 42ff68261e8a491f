import pytest

from pipeline.config_proposal.file_choice import choose_files
from tests.pipeline.config_proposal.conftest import START
from tests.pipeline.config_proposal.conftest import write_movies
from tests.pipeline.config_proposal.conftest import write_ratings


def _write(folder, **files):
    paths = []
    for name, text in files.items():
        path = folder / f"{name.replace('__', '.')}"
        path.write_text(text)
        paths.append(str(path))
    return paths


def test_tables_are_told_in_any_order_and_the_rest_is_named(tmp_path):
    users = "\n".join(
        ["id,plan", *(f"{n},p{n % 3}" for n in range(1000, 1060))]
    )
    links = "\n".join(["movieId,imdb", *(f"{n},tt{n}" for n in range(1, 41))])
    paths = _write(
        tmp_path,
        links__csv=links,
        users__csv=users,
        movies__csv=write_movies(),
        ratings__csv=write_ratings(),
    )
    choice = choose_files(paths)
    assert choice.events.sample.path.endswith("ratings.csv")
    assert choice.items.sample.path.endswith("movies.csv")
    assert choice.users.sample.path.endswith("users.csv")
    (unused,) = choice.unused
    assert "links.csv is not used" in unused


def test_further_titles_of_items_are_no_users(tmp_path):
    plots = [f"{n}::Film number {n}::{n % 5}" for n in range(1000, 1060)]
    paths = _write(
        tmp_path,
        plots__dat="\n".join(plots),
        movies__csv=write_movies(),
        ratings__csv=write_ratings(),
    )
    assert choose_files(paths).users is None


def test_files_that_differ_in_numbers_are_one_table(tmp_path):
    days = {f"e-{day}__csv": write_ratings() for day in (1, 2, 3)}
    choice = choose_files(_write(tmp_path, **days, m__csv=write_movies()))
    names = [path[-7:] for path in choice.write_path(choice.events)]
    assert names == ["e-1.csv", "e-2.csv", "e-3.csv"]
    assert choice.write_path(choice.items).endswith("m.csv")


def test_files_of_days_have_a_pattern(tmp_path):
    days = {f"e-2020091{day}__csv": write_ratings() for day in (1, 2, 3)}
    choice = choose_files(_write(tmp_path, **days, m__csv=write_movies()))
    path = choice.write_path(choice.events)
    assert path == str(tmp_path / "e-{YYYY}{MM}{DD}.csv")


def test_items_may_stand_in_the_file_of_the_events(tmp_path):
    rows = [
        f"u{n % 7},i{n % 11},The film {n % 11},note {n},{START + n}"
        for n in range(200)
    ]
    head = "user,item,title,comment,time"
    choice = choose_files(_write(tmp_path, e__csv="\n".join([head, *rows])))
    assert choice.items.sample is choice.events.sample
    # What differs from event to event says nothing of the item.
    assert set(choice.items.profiles) == {"item", "title"}


def test_files_without_users_are_an_error_that_tells_their_columns(tmp_path):
    paths = _write(tmp_path, m__csv=write_movies())
    with pytest.raises(ValueError, match=r"m\.csv with 40 rows of .*movieId"):
        choose_files(paths)


def test_folder_stands_for_its_files(tmp_path):
    _write(tmp_path, m__csv=write_movies(), r__csv=write_ratings(), _OK="x")
    choice = choose_files([str(tmp_path)])
    assert choice.events.sample.path == str(tmp_path / "r.csv")
    assert choice.num_files == 2
    assert choice.unused == []


def test_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        choose_files([str(tmp_path / "none.csv")])
