import dataclasses
import logging
import os

import pytest

from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.behavior.span_timer import SpanTimer
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts

_HOUR = 3600.0
_NOON = 1_800_014_400.0  # 12:00 UTC
_EVENT = Event(event_id="e", user_id="u", item_id="i", timestamp=1)


@pytest.fixture
def store(tmp_path):
    """A store whose log was made at noon."""
    found = open_behavior_store(
        f"sqlite:///{tmp_path / 'state.db'}", tmp_path / "log"
    )
    os.utime(tmp_path / "log" / "lock", (_NOON, _NOON))
    yield found
    found.close()


def _list_spans(tmp_path):
    return sorted(path.name for path in (tmp_path / "log").glob("span-*"))


def test_span_is_closed_once_a_new_period_has_begun(store, tmp_path):
    timer = SpanTimer(store, 24.0)
    store.record_events([_EVENT])
    timer.tend(_NOON + 11.9 * _HOUR)
    assert _list_spans(tmp_path) == []
    timer.tend(_NOON + 12.1 * _HOUR)  # after midnight
    assert _list_spans(tmp_path) == ["span-1"]


def test_next_span_waits_for_the_next_period(store, tmp_path):
    store.record_events([_EVENT])
    store.close_span()
    os.utime(tmp_path / "log" / "lock", (_NOON, _NOON))
    later = Event(event_id="f", user_id="u", item_id="j", timestamp=2)
    store.record_events([later])
    SpanTimer(store, 1.0).tend(_NOON + 0.9 * _HOUR)
    assert _list_spans(tmp_path) == ["span-1"]
    # After a restart too: it goes by what is on the disk.
    SpanTimer(store, 1.0).tend(_NOON + 1.1 * _HOUR)
    assert _list_spans(tmp_path) == ["span-1", "span-2"]


def test_nothing_new_closes_nothing(store, tmp_path):
    SpanTimer(store, 1.0).tend(_NOON + 99 * _HOUR)
    assert _list_spans(tmp_path) == []


def test_without_a_period_spans_are_closed_by_hand(store, tmp_path):
    store.record_events([_EVENT])
    SpanTimer(store, None).tend(_NOON + 1000 * _HOUR)
    assert _list_spans(tmp_path) == []


def test_slates_alone_make_no_span_and_are_tried_again_later(
    store, tmp_path, caplog
):
    caplog.set_level(logging.INFO)
    store.record_exposure(Exposure(slate_id="s", user_id="u", timestamp=1.0))
    timer = SpanTimer(store, 1.0)
    timer.tend(_NOON + 2 * _HOUR)
    timer.tend(_NOON + 2 * _HOUR + 2)
    assert caplog.text.count("No span is closed: A span must hold") == 1
    store.record_events([_EVENT])
    timer.tend(_NOON + 2 * _HOUR + 61)
    assert _list_spans(tmp_path) == ["span-1"]  # no number was used up


def test_clock_of_the_disk_that_is_behind_closes_one_span_a_period(
    store, tmp_path
):
    timer = SpanTimer(store, 1.0)
    for second in range(3):
        event = dataclasses.replace(_EVENT, event_id=f"e{second}")
        store.record_events([event])
        timer.tend(_NOON + 2 * _HOUR + second)
        os.utime(tmp_path / "log" / "lock", (_NOON, _NOON))
    assert _list_spans(tmp_path) == ["span-1"]


def test_forgetting_a_user_does_not_put_a_span_off(store, tmp_path):
    bob = dataclasses.replace(_EVENT, event_id="f", user_id="bob")
    store.record_events([_EVENT, bob])
    store.close_span()
    os.utime(tmp_path / "log" / "lock", (_NOON, _NOON))
    store.record_events([dataclasses.replace(bob, event_id="g")])
    store.forget_user("u")
    SpanTimer(store, 1.0).tend(_NOON + 1.1 * _HOUR)
    assert _list_spans(tmp_path) == ["span-1", "span-2"]


def test_disk_that_does_not_tell_the_time_is_asked_again(
    store, tmp_path, caplog
):
    store.record_events([_EVENT])
    (tmp_path / "log" / "lock").rename(tmp_path / "lock")
    timer = SpanTimer(store, 1.0)
    timer.tend(_NOON + 2 * _HOUR)
    assert "The span cannot be closed" in caplog.text
    (tmp_path / "lock").rename(tmp_path / "log" / "lock")
    timer.tend(_NOON + 3 * _HOUR)
    assert _list_spans(tmp_path) == ["span-1"]


def test_disk_that_refuses_is_told_and_asked_again(store, tmp_path, caplog):
    store.record_events([_EVENT])
    timer = SpanTimer(store, 1.0)
    in_the_way = tmp_path / "log" / ".span-1"
    in_the_way.touch()
    timer.tend(_NOON + 2 * _HOUR)
    assert "The span cannot be closed" in caplog.text
    in_the_way.unlink()
    timer.tend(_NOON + 3 * _HOUR)
    (events,) = (tmp_path / "log").glob("span-*/events-*.jsonl")
    assert '"item_id":"i"' in events.read_text().replace(" ", "")


def test_span_without_new_items_is_followed_by_one_that_has_them(
    store, tmp_path, monkeypatch
):
    def refuse():
        raise ConnectionError("no route")

    store.put_items([ItemFacts(item_id="i", title="I")])
    store.record_events([_EVENT])
    timer = SpanTimer(store, 24.0)
    day = _NOON + 12.1 * _HOUR
    with monkeypatch.context() as away:
        away.setattr(store._state, "list_items", refuse)
        timer.tend(day)
        os.utime(tmp_path / "log" / "lock", (day, day))
        timer.tend(day + 61)  # still away: no span for each try
        assert _list_spans(tmp_path) == ["span-1"]
    timer.tend(day + 119)  # too early
    assert _list_spans(tmp_path) == ["span-1"]
    timer.tend(day + 122)
    assert _list_spans(tmp_path) == ["span-1", "span-2"]
    (items,) = (tmp_path / "log" / "span-2").glob("items-*.jsonl")
    assert '"title":"I"' in items.read_text().replace(" ", "")
    timer.tend(day + 300)
    assert _list_spans(tmp_path) == ["span-1", "span-2"]
