"""Events in SQLite, where what every store does with them is not enough."""

import sqlite3

from serving.gateway.behavior.state import sqlite_schema
from serving.gateway.behavior.state.sqlite_events import SqliteEvents
from serving.gateway.behavior.state.state_limits import StateLimits
from tests.serving.gateway.behavior.state.records import make_event


def _read_bodies(database: sqlite3.Connection):
    return [body for (body,) in database.execute("SELECT body FROM events")]


def test_undo_takes_the_place_of_no_event(tmp_path):
    database = sqlite_schema.open_database(tmp_path / "state.sqlite")
    events = SqliteEvents(StateLimits(events_per_user=2))
    undo = make_event(4, event_type="undo", text="ann-1")
    events.add(database, [make_event(1), make_event(2), make_event(3), undo])
    kept = _read_bodies(database)
    assert [b'"ann-2"' in body for body in kept] == [True, False]
    assert [b'"ann-3"' in body for body in kept] == [False, True]
    database.close()
