"""After a rollback: what a later version wrote is kept, and passed over."""

import json

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from tests.serving.gateway.behavior.state.records import NOW
from tests.serving.gateway.behavior.state.records import make_event
from tests.serving.gateway.behavior.state.records import make_exposure

# What a later version may have logged among the events.
LATER_EVENTS = {
    "another type": {
        "event_id": "later",
        "user_id": "ann",
        "item_id": "i",
        "timestamp": NOW + 1.5,
        "event_type": "glance",
    },
    "another record": {"kind": "session", "user_id": "ann", "length": 3},
    "another form": {
        "event_id": 7,
        "user_id": {"name": "ann"},
        "item_id": ["i", "j"],
        "timestamp": "yesterday",
    },
}


@pytest.fixture
def open_store(tmp_path):
    """Opens the store on a state that has nothing of its log yet."""
    opened = []

    def open_(number=0):
        while opened:
            opened.pop().close()
        state = SqliteStateStore(tmp_path / f"state-{number}.db")
        log = BehaviorLog(tmp_path / "log")
        opened.append(BehaviorStore(state, log, lambda: NOW + 100))
        return opened[-1]

    yield open_
    while opened:
        opened.pop().close()


def log_later(store, stream, record):
    body = json.dumps(record).encode()
    store._log.streams[stream].append([body])


@pytest.mark.parametrize("later", LATER_EVENTS.values(), ids=LATER_EVENTS)
def test_event_of_a_later_version_stops_neither_start_nor_replay(
    open_store, later
):
    store = open_store()
    store.record_events([make_event(1)])
    log_later(store, "events", later)
    store.record_events([make_event(2)])
    store = open_store(number=1)
    assert not store.is_behind
    assert store.read_events("ann", 9) == [make_event(1), make_event(2)]
    assert store.list_users(9) == ["ann"]
    # Twice what this version counts, none of what it does not know.
    assert store.read_popularity("")["i"] == pytest.approx(2.0, rel=1e-3)
    store.synchronise()
    assert len(store.record_events([make_event(3)])) == 1
    assert len(store.read_events("ann", 9)) == 3


@pytest.mark.parametrize("later", LATER_EVENTS.values(), ids=LATER_EVENTS)
def test_event_of_a_later_version_stays_in_the_log_and_its_spans(
    open_store, later
):
    store = open_store()
    store.record_events([make_event(1)])
    log_later(store, "events", later)
    store = open_store(number=1)
    (path,) = store.close_span().glob("events-*.jsonl")
    logged = [json.loads(line) for line in path.open()]
    assert [{**later, "seq": one["seq"]} == one for one in logged] == [
        False,
        True,
    ]


def test_event_of_a_later_version_leaves_with_its_user(open_store, tmp_path):
    store = open_store()
    for later in LATER_EVENTS.values():
        if later["user_id"] == "ann":
            log_later(store, "events", later)
    store = open_store(number=1)
    assert store.forget_user("ann") == 2
    store.close()
    files = [path for path in tmp_path.rglob("*.jsonl") if path.is_file()]
    assert not any(b"ann" in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    "later",
    [
        {"slate_id": "t", "user_id": "ann"},
        {"slate_id": 3, "user_id": "ann", "timestamp": NOW},
        {
            "slate_id": "t",
            "user_id": "ann",
            "timestamp": NOW,
            "items": [{"album": "a"}],
        },
        {"slate_id": "t", "user_id": "ann", "timestamp": NOW, "items": 3},
    ],
)
def test_slate_of_a_later_version_is_not_known(open_store, later):
    store = open_store()
    store.record_exposure(make_exposure("s"))
    log_later(store, "exposures", later)
    store.record_exposure(make_exposure("u"))
    store = open_store(number=1)
    assert not store.is_behind
    assert store.find_exposure("t") is None
    assert store.find_exposure("s") == make_exposure("s")
    assert store.find_exposure("u") == make_exposure("u")


def test_many_unknown_records_do_not_stop_the_replay(open_store):
    store = open_store()
    store.record_events([make_event(1)])
    later = json.dumps(LATER_EVENTS["another record"]).encode()
    store._log.streams["events"].append([later] * 1200)  # over two batches
    store.record_events([make_event(2)])
    store = open_store(number=1)
    assert store.read_events("ann", 9) == [make_event(1), make_event(2)]


def test_files_of_a_stream_that_is_not_known_stay_where_they_are(
    open_store, tmp_path
):
    store = open_store()
    store.record_events([make_event(1)])
    later = tmp_path / "log" / "live" / "dialogs-000001-0000.jsonl"
    later.write_text('{"seq": 1, "said": "hello"}\n')
    store = open_store()
    span = store.close_span()
    assert [path.name for path in span.glob("dialogs-*")] == [later.name]
