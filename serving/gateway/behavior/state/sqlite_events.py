"""Events of users in SQLite, within the caller's transaction."""

import json
import sqlite3
from collections.abc import Iterable
from collections.abc import Sequence

from schemas.events import UNDO
from serving.gateway.behavior.log.record_json import decode_event
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.log.record_json import encode_event_id
from serving.gateway.behavior.state.sqlite_popularity import SqlitePopularity
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.behavior.state.state_store import digest_event_id
from serving.gateway.records.event import Event


class SqliteEvents:
    """Adds events, takes back those that somebody undid, and counts both."""

    def __init__(self, limits: StateLimits):
        self._limits = limits
        self.popularity = SqlitePopularity(limits)

    def add(
        self, database: sqlite3.Connection, events: Iterable[Event]
    ) -> None:
        """Adds events in the order of their log; known ids are passed over."""
        fresh: dict[tuple[str, str], Event] = {}  # by user and id
        for event in events:
            if event.event_type == UNDO:
                # Not even if it arrives later, out of another log.
                _note_seen(database, event.text)
                if fresh.pop((event.user_id, event.text), None) is None:
                    self._take_back(database, event.user_id, event.text)
            elif _note_seen(database, event.event_id):
                fresh[event.user_id, event.event_id] = event
        self._keep(database, list(fresh.values()))

    def _keep(
        self, database: sqlite3.Connection, events: Sequence[Event]
    ) -> None:
        database.executemany(
            "INSERT INTO events (user_id, timestamp, body) VALUES (?, ?, ?)",
            [(e.user_id, e.timestamp, encode_event(e)) for e in events],
        )
        database.executemany(
            "INSERT INTO users VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET active = max(active, excluded.active)",
            [(event.user_id, event.timestamp) for event in events],
        )
        self.popularity.count(database, events)
        self._trim(database, {event.user_id for event in events})

    def _take_back(
        self, database: sqlite3.Connection, user_id: str, event_id: str
    ) -> None:
        row = database.execute(
            "SELECT number, body FROM events WHERE user_id = ?"
            " AND instr(body, ?)",
            [user_id, encode_event_id(event_id)],
        ).fetchone()
        if row is None:
            return
        number, body = row
        database.execute("DELETE FROM events WHERE number = ?", [number])
        event = decode_event(json.loads(body))
        if event is not None:
            self.popularity.take_back(database, event)

    def _trim(self, database: sqlite3.Connection, users: set[str]) -> None:
        database.execute(
            "DELETE FROM seen WHERE number <="
            " (SELECT max(number) FROM seen) - ?",
            [self._limits.seen_events],
        )
        for user_id in users:
            oldest = database.execute(
                "SELECT timestamp, number FROM events WHERE user_id = ?"
                " ORDER BY timestamp DESC, number DESC LIMIT 1 OFFSET ?",
                [user_id, self._limits.events_per_user],
            ).fetchone()
            if oldest:
                database.execute(
                    "DELETE FROM events WHERE user_id = ?"
                    " AND (timestamp, number) <= (?, ?)",
                    [user_id, *oldest],
                )


def _note_seen(database: sqlite3.Connection, event_id: str) -> bool:
    """Notes an event's id; tells whether it was new."""
    added = database.execute(
        "INSERT OR IGNORE INTO seen (digest) VALUES (?)",
        [digest_event_id(event_id)],
    )
    return bool(added.rowcount)
