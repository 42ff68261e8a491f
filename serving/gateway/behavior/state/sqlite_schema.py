"""Tables of the SQLite state, and how a file of any version is opened.

To change the tables, append a step to `_STEPS`; never change one that was
released. A new file takes all steps, an older one those that it lacks, in one
transaction: it is of the new version or stays as it was. No copy of the old
file is made: users who are forgotten would stay in it.
"""

import logging
import sqlite3
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from serving.gateway.behavior.state import sqlite_profiles

_logger = logging.getLogger(__name__)
_BUSY_SECONDS = 5.0  # that a connection waits for others
_ERASING_SECONDS = 0.05  # likewise, while our own threads wait
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
_STEPS = (
    _TABLES,
    sqlite_profiles.TABLE,
)  # a file of version N has taken the first N


def open_database(
    path: Path, steps: Sequence[str] = _STEPS
) -> sqlite3.Connection:
    """Opens the file for writing; a new or older one is brought up to date.

    Args:
        path: of the file, made if need be.
        steps: SQL statements that lead from one version to the next.

    Raises:
        ValueError: the file is of a newer version, or no state at all.
        sqlite3.OperationalError: it cannot be opened, or a step fails; then
            the file stays as it was.
    """
    database = connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL").fetchall()
        database.execute("BEGIN IMMEDIATE")
        _bring_up_to_date(database, path, steps)
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


@contextmanager
def telling_os_errors() -> Iterator[None]:
    """Turns what SQLite raises into `OSError`."""
    try:
        yield
    except sqlite3.DatabaseError as error:  # a damaged file is one too
        raise OSError(
            f"The state must be readable and writable. Received: {error}."
        ) from error


def erase_removed(database: sqlite3.Connection) -> bool:
    """Takes what was removed out of the WAL file, which still has the pages.

    Args:
        database: in no transaction; its process neither reads nor writes
            meanwhile.

    Returns:
        False = another process, such as a backup, reads the pages and keeps
        them there.
    """
    _set_busy_timeout(database, _ERASING_SECONDS)
    try:
        result = database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = result.fetchone()[0]
    finally:
        _set_busy_timeout(database, _BUSY_SECONDS)
    return not is_busy


def _set_busy_timeout(database: sqlite3.Connection, seconds: float) -> None:
    milliseconds = int(1000 * seconds)
    database.execute(f"PRAGMA busy_timeout={milliseconds}").fetchall()


def _bring_up_to_date(
    database: sqlite3.Connection, path: Path, steps: Sequence[str]
) -> None:
    """Takes the steps that a file lacks, in the transaction begun already."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == len(steps):
        return
    tables = database.execute("SELECT * FROM sqlite_schema").fetchall()
    if version == 0 and tables:
        raise ValueError(
            "The state must be a file that a gateway has made. Received: "
            f"another program's, version 0, in {path}."
        )
    if not 0 <= version < len(steps):
        raise ValueError(
            f"The state must be of version {len(steps)} or older. Received: "
            f"version {version} in {path}. Start the newer gateway that made "
            "it, or name another file in `storage.state`: it gets the log's "
            "events, and no items."
        )
    for step in steps[version:]:
        for statement in _split_statements(step):
            database.execute(statement)
    database.execute(f"PRAGMA user_version={len(steps)}")
    if version:
        _logger.info(
            "The state %s is of version %d now. It was of version %d.",
            path,
            len(steps),
            version,
        )


def _split_statements(text: str) -> list[str]:
    """Splits SQL; `executescript` would commit what has been done so far."""
    statements, begun = [], ""
    for part in text.split(";"):
        begun += part + ";"
        if sqlite3.complete_statement(begun):  # no trigger, no text goes on
            statements.append(begun)
            begun = ""
    return statements
