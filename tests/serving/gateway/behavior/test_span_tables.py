"""Items and users that came to the gateway reach the next span."""

import json

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts


@pytest.fixture
def store(tmp_path):
    state = SqliteStateStore(tmp_path / "state.db")
    store = BehaviorStore(state, BehaviorLog(tmp_path / "log"))
    yield store
    store.close()


def _record(store, number, user_id="ann"):
    event = Event(
        event_id=f"{user_id}-{number}",
        user_id=user_id,
        item_id="a",
        timestamp=100.0 + number,
    )
    store.record_events([event])


def _read(span, table):
    return [
        json.loads(line)
        for path in span.glob(f"{table}-*.jsonl")
        for line in path.read_text().splitlines()
    ]


def test_span_holds_items_and_users_as_they_are_now(store):
    store.put_items([ItemFacts(item_id="a", title="A", price=2.0)])
    store.put_profiles({"ann": {"age": "35"}})
    _record(store, 1)
    first = store.close_span()
    assert [one["price"] for one in _read(first, "items")] == [2.0]
    assert _read(first, "users") == [{"user_id": "ann", "age": "35"}]
    store.put_items([ItemFacts(item_id="a", title="Better")])
    second = store.close_span()  # nobody did a thing meanwhile
    assert second != first
    assert [one["title"] for one in _read(second, "items")] == ["Better"]
    assert store.close_span() == second


def test_span_has_what_is_deleted_or_sold_out_with_all_its_facts(store):
    store.put_items(
        [
            ItemFacts(item_id="a", title="A", is_deleted=True),
            ItemFacts(item_id="b", title="B", price=2.0, in_stock=False),
        ]
    )
    _record(store, 1)
    a, b = _read(store.close_span(), "items")
    assert (a["title"], a["is_deleted"]) == ("A", True)
    assert (b["price"], b["is_deleted"], b["in_stock"]) == (2.0, False, False)


def test_items_stay_however_many_spans_ago_they_came(tmp_path):
    state = SqliteStateStore(tmp_path / "state.db")
    log = BehaviorLog(tmp_path / "log", window_spans=1)
    store = BehaviorStore(state, log)
    store.put_items([ItemFacts(item_id="a", title="A")])
    for number in range(3):
        _record(store, number)
        span = store.close_span()
    store.close()
    assert len(_read(span, "events")) == 1
    assert [one["item_id"] for one in _read(span, "items")] == ["a"]


def test_forgotten_user_is_in_no_span_s_table(store, tmp_path):
    store.put_profiles({"ann": {"age": "35"}, "bob": {"age": "9"}})
    for number in range(2):
        _record(store, number, "bob")
        store.close_span()
    # One profile, however many spans hold it.
    assert store.forget_user("ann") == 1
    for span in (tmp_path / "log").glob("span-*"):
        assert [one["user_id"] for one in _read(span, "users")] == ["bob"]


def test_tables_stay_as_they_were_while_the_state_is_away(
    store, monkeypatch, caplog
):
    store.put_items([ItemFacts(item_id="a", title="A")])
    _record(store, 1)
    store.close_span()

    def refuse():
        raise ConnectionError("no route")

    store.put_items([ItemFacts(item_id="b", title="B")])
    _record(store, 2)
    assert not store.lacks_tables
    with monkeypatch.context() as away:
        away.setattr(store._state, "list_items", refuse)
        span = store.close_span()
        assert [one["title"] for one in _read(span, "items")] == ["A"]
        assert "must tell items and profiles" in caplog.text
        assert store.lacks_tables
        with pytest.raises(ConnectionError, match="no route"):
            store.close_span(needs_tables=True)
    span = store.close_span()
    assert [one["title"] for one in _read(span, "items")] == ["A", "B"]
    assert not store.lacks_tables
