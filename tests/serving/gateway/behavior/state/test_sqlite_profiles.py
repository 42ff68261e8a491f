import contextlib

from serving.gateway.behavior.state import sqlite_profiles
from serving.gateway.behavior.state.sqlite_schema import open_database


def test_file_that_was_made_before_profiles_gets_their_table(tmp_path):
    with contextlib.closing(open_database(tmp_path / "s.db")) as database:
        database.execute("DROP TABLE profiles")
        database.execute("PRAGMA user_version=1")
    with contextlib.closing(open_database(tmp_path / "s.db")) as database:

        def read(query, *parameters):
            return database.execute(query, parameters).fetchall()

        sqlite_profiles.put(database, {"ann": {"age": "35"}}, 10)
        assert sqlite_profiles.find(read, "ann") == {"age": "35"}
        assert sqlite_profiles.find(read, "bob") == {}
        assert sqlite_profiles.list_all(read) == [("ann", {"age": "35"})]
