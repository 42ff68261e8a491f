"""State that older releases kept, in the tables that they made.

Whoever appends a step to the tables adds what the version before it looked
like, and the rows that it kept: the test below says so.
"""

import contextlib
import json
import sqlite3

import pytest

from serving.gateway.behavior.state import sqlite_schema
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.behavior.state.state_store import digest_event_id
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts

_FIRST = """
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
_PROFILES = """
CREATE TABLE profiles (
    number INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);
"""
# By version: how its release made its file. Copied; never to be changed.
TABLES = {1: _FIRST, 2: _FIRST + _PROFILES}
EVENT = {
    "event_id": "e",
    "user_id": "ann",
    "item_id": "i",
    "timestamp": 5.0,
    "event_type": "click",
    "value": None,
    "text": "",
    "scenario": "",
    "session_id": "",
    "slate_id": "s",
}
SLATE = {
    "slate_id": "s",
    "user_id": "ann",
    "timestamp": 4.0,
    "items": [{"item_id": "i", "score": 1.0, "team": ""}],
    "source": "model",
}
ITEM = {"item_id": "i", "title": "I", "categories": ["x"], "price": 2.0}


def fill(database):
    """Writes rows as they were since version 1."""

    def encode(record):
        return json.dumps(record).encode()

    half_life = 7 * 86_400.0
    rows = {
        "events (user_id, timestamp, body)": ("ann", 5.0, encode(EVENT)),
        "users": ("ann", 5.0),
        "seen (digest)": (digest_event_id("e"),),
        "exposures (slate_id, user_id, body)": ("s", "ann", encode(SLATE)),
        "counters": (f"{half_life:g}/", 5.0),
        "popularity": (f"{half_life:g}/", "i", 5.0 / half_life),
        "items (item_id, body)": ("i", encode(ITEM)),
        "documents": ("weights", b"\0"),
        "applied": ("log", "events", 7),
        "forgets": ("log", "bob"),
    }
    for table, row in rows.items():
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    database.execute("INSERT INTO applied VALUES ('log', 'exposures', 8)")


@pytest.fixture(params=TABLES, ids="version {}".format)
def state(request, tmp_path):
    path = tmp_path / "state.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(TABLES[request.param])
        fill(database)
        database.execute(f"PRAGMA user_version={request.param}")
        database.commit()
    state = SqliteStateStore(path)
    yield state
    state.close()


def test_state_of_an_older_release_is_read_whole(state):
    assert state.read_events("ann", 9) == [Event(**EVENT)]
    assert state.list_users(9) == ["ann"]
    assert state.list_seen(["e", "f"]) == {"e"}
    assert [one.item_id for one in state.find_exposure("s").items] == ["i"]
    assert state.read_popularity("", 5.0) == pytest.approx({"i": 1.0})
    facts = ItemFacts(item_id="i", title="I", categories=("x",), price=2.0)
    assert state.list_items() == [facts]
    assert state.load_document("weights") == b"\0"
    assert state.open_log("log") == (7, 8)
    assert state.list_forgets("log") == ["bob"]


def test_state_of_an_older_release_is_written_on(state):
    event = Event(event_id="f", user_id="ann", item_id="j", timestamp=6.0)
    assert state.apply_events("log", 7, [(9, event)])
    assert state.read_events("ann", 9) == [Event(**EVENT), event]
    state.put_items([ItemFacts(item_id="j", title="J")])
    assert len(state.list_items()) == 2
    state.put_profiles({"ann": {"country": "nz"}})
    assert state.find_profile("ann") == {"country": "nz"}
    assert state.forget_user("ann", "log") == 4


def test_every_version_there_was_is_tested():
    assert sorted(TABLES) == list(range(1, len(sqlite_schema._STEPS) + 1))
