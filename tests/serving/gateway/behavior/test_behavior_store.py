import json
import threading

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts
from tests.serving.gateway.full_disk import full_disk

NOW = 1_700_000_000.0


@pytest.fixture
def open_store(tmp_path):
    """Opens the store; the one before is closed first."""
    opened = []

    def open_(read_clock=lambda: NOW):
        while opened:
            opened.pop().close()
        state = SqliteStateStore(tmp_path / "state.db")
        log = BehaviorLog(tmp_path / "log")
        opened.append(BehaviorStore(state, log, read_clock))
        return opened[-1]

    yield open_
    while opened:
        opened.pop().close()


def make_event(number, user_id="ann", **others):
    given = {"item_id": "i", "timestamp": NOW - 1000 + number} | others
    return Event(event_id=f"{user_id}-{number}", user_id=user_id, **given)


def make_exposure(slate_id, user_id="ann"):
    return Exposure(slate_id=slate_id, user_id=user_id, timestamp=NOW)


def read_sealed(store):
    return [
        json.loads(line)["event_id"]
        for path in sorted(store.close_span().glob("events-*.jsonl"))
        for line in path.open()
    ]


def test_event_is_read_as_soon_as_it_is_recorded(open_store):
    store = open_store()
    assert len(store.record_events([make_event(1)])) == 1
    assert store.read_events("ann", 50) == [make_event(1)]
    assert store.list_users(9) == ["ann"]
    assert list(store.read_popularity("")) == ["i"]


def test_repeated_event_is_neither_counted_nor_logged(open_store):
    store = open_store()
    assert len(store.record_events([make_event(1), make_event(1)])) == 1
    assert len(store.record_events([make_event(1), make_event(2)])) == 1
    store = open_store()  # nothing recent in memory
    assert len(store.record_events([make_event(2)])) == 0
    assert read_sealed(store) == ["ann-1", "ann-2"]


def test_no_events_are_recorded_at_no_cost(open_store):
    assert len(open_store().record_events([])) == 0


def test_late_event_is_sorted_in(open_store):
    store = open_store()
    store.record_events([make_event(5)])
    store.record_events([make_event(1), make_event(9)])
    store.record_events([make_event(7)])
    times = [event.timestamp for event in store.read_events("ann", 50)]
    assert times == sorted(times)
    assert len(times) == 4


def test_event_from_the_future_is_one_of_now(open_store):
    store = open_store()
    store.record_events(
        [
            make_event(1, timestamp=NOW * 1000),  # milliseconds
            make_event(2, timestamp=NOW + 61),
            make_event(3, timestamp=NOW + 59, item_id="ahead"),
        ]
    )
    times = [event.timestamp for event in store.read_events("ann", 9)]
    assert times == [NOW, NOW, NOW + 59]
    # A minute in seven days makes no difference that anybody could see.
    assert store.read_popularity("") == pytest.approx(
        {"i": 2.0, "ahead": 1.0}, rel=1e-3
    )


def test_clock_that_goes_back_and_forth_breaks_no_order(open_store):
    times = iter([NOW, NOW - 1e6, NOW + 1e6, NOW])
    store = open_store(lambda: next(times, NOW))
    for number in range(3):
        store.record_events([make_event(number)])
    read = store.read_events("ann", 9)
    assert [event.event_id for event in read] == [
        # The second came while the clock was behind: its time was ahead.
        "ann-1",
        "ann-0",
        "ann-2",
    ]


def test_exposure_is_found_and_survives_a_restart(open_store):
    store = open_store()
    store.record_exposure(make_exposure("s"))
    assert store.find_exposure("s") == make_exposure("s")
    assert store.find_exposure("t") is None
    store = open_store()
    assert store.find_exposure("s") == make_exposure("s")
    store.record_events([make_event(1)])
    assert len(list(store.close_span().glob("exposures-*.jsonl"))) == 1


def test_exposures_of_an_idle_gateway_become_durable_by_themselves(open_store):
    store = open_store()
    stream = store._log.streams["exposures"]
    store.record_exposure(make_exposure("s"))
    is_durable = threading.Event()

    def watch():
        while not stream.durable_size:
            is_durable.wait(0.01)
        is_durable.set()

    threading.Thread(target=watch, daemon=True).start()
    assert is_durable.wait(60)


def test_state_that_was_lost_comes_back_from_the_log(open_store, tmp_path):
    store = open_store()
    store.record_events([make_event(1)])
    store.close_span()
    store.record_events([make_event(2)])
    store.record_exposure(make_exposure("s"))
    store.close()
    for path in tmp_path.glob("state.db*"):
        path.unlink()
    state = SqliteStateStore(tmp_path / "state.db")
    store = BehaviorStore(state, BehaviorLog(tmp_path / "log"))
    assert store.read_events("ann", 9) == [make_event(1), make_event(2)]
    assert store.find_exposure("s") == make_exposure("s")
    store.close()


def test_full_disk_records_nothing_and_recording_goes_on(open_store):
    store = open_store()
    store.record_events([make_event(1)])
    path = store._log.streams["events"].path
    with full_disk(path), pytest.raises(OSError, match="too large"):
        store.record_events([make_event(2), make_event(3)])
    assert store.read_events("ann", 9) == [make_event(1)]
    assert len(store.record_events([make_event(2), make_event(3)])) == 2
    assert len(store.read_events("ann", 9)) == 3
    assert len(read_sealed(store)) == 3


def test_state_without_room_is_caught_up_later(open_store, tmp_path):
    store = open_store()
    store.record_events([make_event(1)])
    # The state's file is larger than the log's: only it is full.
    event = make_event(2, text="x" * 8000)
    with full_disk(tmp_path / "state.db-wal"):
        assert len(store.record_events([event])) == 1
        assert store.is_behind
    store.synchronise()
    assert store.read_events("ann", 9) == [make_event(1), event]


def test_text_that_is_not_unicode_is_refused_whole(open_store):
    store = open_store()
    with pytest.raises(ValueError, match="surrogates"):
        store.record_events([make_event(1), make_event(2, text="\ud800")])
    assert store.read_events("ann", 9) == []
    assert len(store.record_events([make_event(1)])) == 1


def test_forgotten_user_leaves_state_and_log(open_store, tmp_path):
    store = open_store()
    store.record_events([make_event(1, "unmistakable"), make_event(1)])
    store.close_span()
    store.record_events([make_event(2, "unmistakable")])
    store.record_exposure(make_exposure("s", "unmistakable"))
    assert store.forget_user("unmistakable") == 3
    assert store.read_events("unmistakable", 9) == []
    assert store.find_exposure("s") is None
    assert store.forget_user("unmistakable") == 0
    store.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"unmistakable" in path.read_bytes() for path in files)


def test_forgotten_user_may_come_back(open_store):
    store = open_store()
    store.record_events([make_event(1)])
    store.forget_user("ann")
    assert len(store.record_events([make_event(2)])) == 1
    assert open_store().read_events("ann", 9) == [make_event(2)]


def test_deletion_that_was_interrupted_is_finished_at_the_start(open_store):
    store = open_store()
    store.record_events([make_event(1), make_event(1, "bob")])
    store._log.forget_notes.add("ann")  # as if killed right after it
    store = open_store()
    assert store.read_events("ann", 9) == []
    assert store.list_users(9) == ["bob"]
    assert store._log.forget_notes.list_users() == []
    assert read_sealed(store) == ["bob-1"]


def test_imported_events_are_the_first_span_and_in_the_state(open_store):
    store = open_store()
    span = store.import_events([make_event(1), make_event(2)])
    assert span.name == "span-1"
    assert len(store.read_events("ann", 9)) == 2
    assert len(store.record_events([make_event(2), make_event(3)])) == 1
    assert read_sealed(store) == ["ann-1", "ann-2", "ann-3"]


def test_items_and_documents_survive_a_restart(open_store):
    store = open_store()
    store.put_items([ItemFacts(item_id="a", title="A")])
    store.replace_document("weights", None, b"\0")
    store = open_store()
    assert store.list_items() == [ItemFacts(item_id="a", title="A")]
    assert store.load_document("weights") == b"\0"


def test_threads_lose_and_double_nothing(open_store):
    store = open_store()
    counts = []

    def record(thread):
        # Each event is sent by two threads.
        user_id = f"u{thread // 2}"
        counts.extend(
            len(store.record_events([make_event(n, user_id)]))
            for n in range(40)
        )

    threads = [threading.Thread(target=record, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    store.record_events([make_event(0, "u0")])
    store.close_span()
    store.forget_user("somebody else")
    for thread in threads:
        thread.join()
    assert sum(counts) in (119, 120)  # one may have been recorded here first
    for user in range(3):
        read = store.read_events(f"u{user}", 999)
        assert read == [make_event(n, f"u{user}") for n in range(40)]
    assert len(read_sealed(store)) == len(set(read_sealed(store))) == 120


def test_ten_thousand_events_in_one_call(open_store):
    store = open_store()
    events = [make_event(n, timestamp=NOW - n) for n in range(10_000)]
    assert len(store.record_events(events)) == 10_000
    assert store.read_events("ann", 20_000) == events[::-1]
