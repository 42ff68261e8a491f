import contextlib
import sqlite3
import threading

import pytest

from serving.gateway.behavior.state import sqlite_schema
from serving.gateway.behavior.state.sqlite_schema import connect
from serving.gateway.behavior.state.sqlite_schema import open_database


def test_file_is_made_once_and_opened_again(tmp_path):
    for _ in range(2):
        with contextlib.closing(open_database(tmp_path / "s.db")) as database:
            database.execute("SELECT * FROM events").fetchall()
            mode = database.execute("PRAGMA journal_mode").fetchone()[0]
    assert mode == "wal"


# What a release may append to the tables of the one before it.
LATER_STEPS = (
    "ALTER TABLE items ADD COLUMN is_hidden INTEGER NOT NULL DEFAULT 0;",
    """
    CREATE TABLE moods (user_id TEXT PRIMARY KEY, mood TEXT NOT NULL);
    INSERT INTO moods SELECT user_id, 'fine; thank you' FROM users;
    CREATE TRIGGER gone AFTER DELETE ON users BEGIN
        DELETE FROM moods WHERE user_id = old.user_id;
    END;
    """,
)


def read_schema(database):
    query = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
    version = database.execute("PRAGMA user_version").fetchone()[0]
    return version, database.execute(query).fetchall()


@pytest.fixture
def fill(tmp_path):
    """Makes a file as a release with some of the later steps did."""

    def fill_(num_later):
        steps = (*sqlite_schema._STEPS, *LATER_STEPS[:num_later])
        database = open_database(tmp_path / "s.db", steps)
        with contextlib.closing(database):
            database.execute("INSERT INTO users VALUES ('ann', 1.0)")
            database.execute("INSERT INTO documents VALUES ('d', x'00')")
            return read_schema(database)

    return fill_


@pytest.mark.parametrize("num_later", [0, 1, 2])
def test_older_file_is_brought_to_what_a_new_file_is(tmp_path, fill, num_later):
    fill(num_later)
    steps = (*sqlite_schema._STEPS, *LATER_STEPS)
    with (
        contextlib.closing(open_database(tmp_path / "s.db", steps)) as old,
        contextlib.closing(open_database(tmp_path / "n.db", steps)) as new,
    ):
        assert read_schema(old) == read_schema(new)
        assert old.execute("SELECT * FROM users").fetchall() == [("ann", 1.0)]
        assert old.execute("SELECT data FROM documents").fetchone() == (b"\0",)
        moods = old.execute("SELECT mood FROM moods").fetchall()
    assert moods == [("fine; thank you",)] * (num_later < 2)


def test_step_that_fails_leaves_the_file_to_the_older_release(tmp_path, fill):
    before = fill(0)
    broken = (
        *sqlite_schema._STEPS,
        *LATER_STEPS,
        "INSERT INTO none VALUES (1)",
    )
    with pytest.raises(sqlite3.OperationalError, match="no such table: none"):
        open_database(tmp_path / "s.db", broken)
    with contextlib.closing(open_database(tmp_path / "s.db")) as database:
        assert read_schema(database) == before
        rows = database.execute("SELECT user_id FROM users").fetchall()
    assert rows == [("ann",)]


def test_two_processes_that_open_an_older_file_take_each_step_once(
    tmp_path, fill
):
    fill(0)
    steps = (*sqlite_schema._STEPS, *LATER_STEPS)
    found = []

    def open_one():
        with contextlib.closing(open_database(tmp_path / "s.db", steps)) as one:
            found.append(read_schema(one)[0])

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [len(steps)] * 4


def test_no_copy_stays_of_an_older_file(tmp_path, fill):
    fill(0)
    steps = (*sqlite_schema._STEPS, *LATER_STEPS)
    open_database(tmp_path / "s.db", steps).close()
    assert [path.name for path in tmp_path.iterdir()] == ["s.db"]


def test_file_of_a_newer_version_is_refused_and_stays(tmp_path, fill):
    before = fill(2)
    with pytest.raises(ValueError, match=r"version 2 or older\..* version 4"):
        open_database(tmp_path / "s.db")
    with contextlib.closing(connect(tmp_path / "s.db")) as database:
        assert read_schema(database) == before


def test_database_of_somebody_else_is_refused(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "s.db")) as database:
        database.execute("CREATE TABLE theirs (a)")
    with pytest.raises(ValueError, match="another program's"):
        open_database(tmp_path / "s.db")


def test_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "s.db").write_text("Dear diary, " * 100)
    with pytest.raises(ValueError, match="file is not a database"):
        open_database(tmp_path / "s.db")


def test_what_is_deleted_is_overwritten(tmp_path):
    with contextlib.closing(connect(tmp_path / "s.db")) as database:
        assert database.execute("PRAGMA secure_delete").fetchone() == (1,)
