import contextlib
import sqlite3

import pytest

from serving.gateway.behavior.state.sqlite_schema import connect
from serving.gateway.behavior.state.sqlite_schema import open_database


def test_file_is_made_once_and_opened_again(tmp_path):
    for _ in range(2):
        with contextlib.closing(open_database(tmp_path / "s.db")) as database:
            database.execute("SELECT * FROM events").fetchall()
            mode = database.execute("PRAGMA journal_mode").fetchone()[0]
    assert mode == "wal"


def test_file_of_another_version_is_refused(tmp_path):
    with contextlib.closing(open_database(tmp_path / "s.db")) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(ValueError, match="Received: version 99"):
        open_database(tmp_path / "s.db")


def test_database_of_somebody_else_is_refused(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "s.db")) as database:
        database.execute("CREATE TABLE theirs (a)")
    with pytest.raises(ValueError, match="Received: version 0"):
        open_database(tmp_path / "s.db")


def test_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "s.db").write_text("Dear diary, " * 100)
    with pytest.raises(ValueError, match="file is not a database"):
        open_database(tmp_path / "s.db")


def test_what_is_deleted_is_overwritten(tmp_path):
    with contextlib.closing(connect(tmp_path / "s.db")) as database:
        assert database.execute("PRAGMA secure_delete").fetchone() == (1,)
