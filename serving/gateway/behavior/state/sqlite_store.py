"""State in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from serving.gateway.behavior.log.record_json import decode_exposure
from serving.gateway.behavior.log.record_json import encode_shown
from serving.gateway.behavior.log.record_json import read_newest
from serving.gateway.behavior.process_lock import ProcessLock
from serving.gateway.behavior.state import sqlite_items
from serving.gateway.behavior.state import sqlite_profiles
from serving.gateway.behavior.state import sqlite_schema
from serving.gateway.behavior.state.sqlite_events import SqliteEvents
from serving.gateway.behavior.state.sqlite_schema import telling_os_errors
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.behavior.state.state_store import digest_event_id
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.records.profile import Profile

_EVENTS, _EXPOSURES = "events", "exposures"
_REMOVE_ENTRIES_OF_USER = (
    "DELETE FROM events WHERE user_id = ?",
    "DELETE FROM exposures WHERE user_id = ?",
    "DELETE FROM profiles WHERE user_id = ?",
)


class SqliteStateStore:
    """A `StateStore` in a SQLite file of its own, in WAL mode.

    Events and exposures can be replayed from the log, so their transactions do
    not wait for the disk; items and documents are only here, so theirs do. One
    connection writes and one reads, so that neither waits for the other;
    deleted content is overwritten. The file belongs to one gateway, which
    holds the lock `NAME.lock` beside it; a backup may read it meanwhile.
    """

    def __init__(self, path: Path, limits: StateLimits | None = None):
        """Opens a file, or makes it.

        Args:
            path: on a local disk; its folder is made if need be.
            limits: None = the defaults.

        Raises:
            ValueError: the file is of a newer version, or no state.
            RuntimeError: another process has it.
            OSError: it cannot be opened.
        """
        self._limits = limits or StateLimits()
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._events = SqliteEvents(self._limits)
        path.parent.mkdir(parents=True, exist_ok=True)
        path = path.resolve()  # a link to it is the same state
        self._lock = ProcessLock(
            path.with_name(f"{path.name}.lock"), f"The state {path}"
        )
        try:
            with telling_os_errors():
                self._writer = sqlite_schema.open_database(path)
                self._reader = sqlite_schema.connect(path)
        except BaseException:
            self._lock.close()
            raise

    def open_log(self, log_id: str) -> tuple[int, int]:
        query = "SELECT stream, seq FROM applied WHERE log_id = ?"
        if not self._read(query, log_id):
            with self._writing() as database:
                database.executemany(
                    "INSERT OR IGNORE INTO applied VALUES (?, ?, 0)",
                    [(log_id, _EVENTS), (log_id, _EXPOSURES)],
                )
        applied = dict(self._read(query, log_id))
        return applied[_EVENTS], applied[_EXPOSURES]

    def apply_events(
        self,
        log_id: str,
        previous: int,
        events: Sequence[tuple[int, Event]],
    ) -> bool:
        with self._writing() as database:
            last = events[-1][0]
            if not _advance(database, (log_id, _EVENTS), previous, last):
                return False
            self._events.add(database, (event for _, event in events))
        return True

    def apply_exposures(
        self,
        log_id: str,
        previous: int,
        exposures: Sequence[tuple[int, Exposure]],
    ) -> bool:
        with self._writing() as database:
            last = exposures[-1][0]
            if not _advance(database, (log_id, _EXPOSURES), previous, last):
                return False
            database.executemany(
                "INSERT OR REPLACE INTO exposures (slate_id, user_id, body)"
                " VALUES (?, ?, ?)",
                [
                    (one.slate_id, one.user_id, encode_shown(one))
                    for _, one in exposures
                ],
            )
            database.execute(
                "DELETE FROM exposures WHERE number <="
                " (SELECT max(number) FROM exposures) - ?",
                [self._limits.exposures],
            )
        return True

    def list_seen(self, event_ids: Collection[str]) -> set[str]:
        query = "SELECT 1 FROM seen WHERE digest = ?"
        return {
            event_id
            for event_id in event_ids
            if self._read(query, digest_event_id(event_id))
        }

    def read_events(self, user_id: str, limit: int) -> list[Event]:
        query = (
            "SELECT body FROM events WHERE user_id = ?"
            " ORDER BY timestamp DESC, number DESC LIMIT ?"
        )

        def read_bodies(count: int) -> list[bytes]:
            rows = self._read(query, user_id, count)
            return [body for (body,) in reversed(rows)]

        return read_newest(read_bodies, limit)

    def list_users(self, limit: int) -> list[str]:
        query = "SELECT user_id FROM users ORDER BY active DESC LIMIT ?"
        return [user_id for (user_id,) in self._read(query, limit)]

    def find_exposure(self, slate_id: str) -> Exposure | None:
        rows = self._read(
            "SELECT body FROM exposures WHERE slate_id = ?", slate_id
        )
        return decode_exposure(json.loads(rows[0][0])) if rows else None

    def read_popularity(self, scenario: str, now: float) -> dict[str, float]:
        return self._events.popularity.read(self._read, scenario, now)

    def put_items(self, items: Sequence[ItemFacts]) -> int:
        with self._writing(is_durable=True) as database:
            return sqlite_items.put(database, items, self._limits.items)

    def find_item(self, item_id: str) -> tuple[int, ItemFacts | None]:
        return sqlite_items.find(self._read, item_id)

    def replace_item(self, number: int, item: ItemFacts) -> int | None:
        bound = self._limits.items
        with self._writing(is_durable=True) as database:
            return sqlite_items.replace(database, number, item, bound)

    def find_newest_item(self) -> int:
        return self._read("SELECT max(number) FROM items")[0][0] or 0

    def list_items(self, after: int = 0) -> list[ItemFacts]:
        return sqlite_items.list_after(self._read, after)

    def put_profiles(self, profiles: Mapping[str, Profile]) -> int:
        bound = self._limits.profiles
        with self._writing(is_durable=True) as database:
            return sqlite_profiles.put(database, profiles, bound)

    def find_profile(self, user_id: str) -> Profile:
        return sqlite_profiles.find(self._read, user_id)

    def list_profiles(self) -> list[tuple[str, Profile]]:
        return sqlite_profiles.list_all(self._read)

    def replace_document(
        self, name: str, before: bytes | None, after: bytes
    ) -> bool:
        with self._writing(is_durable=True) as database:
            if before is None:
                statement = "INSERT OR IGNORE INTO documents VALUES (?, ?)"
                return bool(database.execute(statement, [name, after]).rowcount)
            changed = database.execute(
                "UPDATE documents SET data = ? WHERE name = ? AND data = ?",
                [after, name, before],
            )
            return bool(changed.rowcount)

    def load_document(self, name: str) -> bytes | None:
        rows = self._read("SELECT data FROM documents WHERE name = ?", name)
        return rows[0][0] if rows else None

    def forget_user(self, user_id: str, log_id: str) -> int:
        with self._writing(is_durable=True) as database:
            removed = sum(
                database.execute(statement, [user_id]).rowcount
                for statement in _REMOVE_ENTRIES_OF_USER
            )
            database.execute("DELETE FROM users WHERE user_id = ?", [user_id])
            database.execute(
                "INSERT OR IGNORE INTO forgets SELECT DISTINCT log_id, ?"
                " FROM applied WHERE log_id != ?",
                [user_id, log_id],
            )
        return removed

    def erase_removed(self) -> bool:
        with self._read_lock, self._write_lock, telling_os_errors():
            return sqlite_schema.erase_removed(self._writer)

    def list_forgets(self, log_id: str) -> list[str]:
        query = "SELECT user_id FROM forgets WHERE log_id = ?"
        return [user_id for (user_id,) in self._read(query, log_id)]

    def finish_forget(self, log_id: str, user_id: str) -> None:
        with self._writing() as database:
            database.execute(
                "DELETE FROM forgets WHERE log_id = ? AND user_id = ?",
                [log_id, user_id],
            )

    def close(self) -> None:
        with self._read_lock, self._write_lock:
            self._reader.close()
            self._writer.close()
        self._lock.close()

    @contextmanager
    def _writing(
        self, is_durable: bool = False
    ) -> Iterator[sqlite3.Connection]:
        """Runs a transaction, which an error rolls back."""
        with self._write_lock, telling_os_errors():
            self._writer.execute(
                f"PRAGMA synchronous={'FULL' if is_durable else 'NORMAL'}"
            )
            self._writer.execute("BEGIN IMMEDIATE")
            with self._writer:
                yield self._writer

    def _read(self, query: str, *parameters: object) -> list[tuple]:
        with self._read_lock, telling_os_errors():
            return self._reader.execute(query, parameters).fetchall()


def _advance(
    database: sqlite3.Connection,
    stream: tuple[str, str],
    previous: int,
    last: int,
) -> bool:
    """Moves the applied number on, if it is the expected one."""
    moved = database.execute(
        "UPDATE applied SET seq = ? WHERE log_id = ? AND stream = ?"
        " AND seq = ?",
        [last, *stream, previous],
    )
    return bool(moved.rowcount)
