"""Tables of the SQLite state, and how its file is opened."""

import sqlite3
from pathlib import Path

from serving.gateway.behavior.state import sqlite_profiles

_VERSION = 1  # rises with every change of the tables
_BUSY_SECONDS = 5.0
_TABLES = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY, user_id TEXT NOT NULL,
    timestamp REAL NOT NULL, body BLOB NOT NULL
);
CREATE INDEX events_of_user ON events (user_id, timestamp, number);
CREATE TABLE users (user_id TEXT PRIMARY KEY, active REAL NOT NULL)
    WITHOUT ROWID;
CREATE INDEX users_by_activity ON users (active);
CREATE TABLE seen (number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE);
CREATE TABLE exposures (
    number INTEGER PRIMARY KEY, slate_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX exposures_of_user ON exposures (user_id);
CREATE TABLE counters (counter TEXT PRIMARY KEY, active REAL NOT NULL)
    WITHOUT ROWID;
CREATE TABLE popularity (
    counter TEXT NOT NULL, item_id TEXT NOT NULL, log_weight REAL NOT NULL,
    PRIMARY KEY (counter, item_id)
) WITHOUT ROWID;
CREATE INDEX popularity_by_weight ON popularity (counter, log_weight);
CREATE TABLE items (
    number INTEGER PRIMARY KEY, item_id TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL
);
CREATE TABLE documents (name TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE applied (
    log_id TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (log_id, stream)
) WITHOUT ROWID;
CREATE TABLE forgets (
    log_id TEXT NOT NULL, user_id TEXT NOT NULL,
    PRIMARY KEY (log_id, user_id)
) WITHOUT ROWID;
"""


def open_database(path: Path) -> sqlite3.Connection:
    """Opens the file for writing; makes the tables if it is new.

    Raises:
        ValueError: the file is not a database of this version.
        sqlite3.OperationalError: it cannot be opened.
    """
    database = connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL").fetchall()
        database.execute("BEGIN IMMEDIATE")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        tables = database.execute("SELECT * FROM sqlite_schema").fetchall()
        if version == 0 and not tables:
            for statement in _TABLES.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version={_VERSION}")
        elif version != _VERSION:
            raise ValueError(
                f"The state must be of version {_VERSION}. Received: version "
                f"{version} in {path}."
            )
        # Older files of this version lack it, and none needs to know it.
        database.execute(sqlite_profiles.TABLE)
        database.execute("COMMIT")
    except sqlite3.OperationalError:
        database.close()
        raise
    except sqlite3.DatabaseError as error:
        database.close()
        raise ValueError(
            f"The state must be a SQLite file. Received: {path}: {error}."
        ) from error
    except ValueError:
        database.close()
        raise
    return database


def connect(path: Path) -> sqlite3.Connection:
    """Connects to the file; transactions are begun by the caller.

    Raises:
        sqlite3.OperationalError: the file cannot be opened.
    """
    database = sqlite3.connect(
        path,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    database.execute("PRAGMA secure_delete=ON").fetchall()
    return database
