import json
import threading

import pytest

from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.log.record_json import decode_event
from serving.gateway.behavior.log.record_json import decode_exposure
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.state.applied_stream import AppliedStream
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.records.event import Event


@pytest.fixture
def log(tmp_path):
    log = BehaviorLog(tmp_path / "log")
    yield log
    log.close()


@pytest.fixture
def state(tmp_path):
    state = SqliteStateStore(tmp_path / "state.db")
    yield state
    state.close()


@pytest.fixture
def stream(log, state):
    stream = AppliedStream(log, "events", decode_event, state.apply_events)
    stream.catch_up(lambda: state.open_log(log.log_id)[0])
    return stream


def make_event(number):
    return Event(
        event_id=f"{number}", user_id="u", item_id="i", timestamp=number
    )


def write(log, stream, *numbers):
    events = [make_event(number) for number in numbers]
    ticket = log.streams["events"].write([encode_event(e) for e in events])
    stream.submit(ticket, events)
    return ticket


def read(state):
    return [int(event.event_id) for event in state.read_events("u", 9999)]


def test_what_is_not_durable_waits(log, state, stream):
    ticket = write(log, stream, 1)
    stream.apply_settled()
    assert read(state) == []
    log.streams["events"].wait(ticket)
    stream.apply_settled()
    assert read(state) == [1]


def test_what_may_be_lost_need_not_wait(log, state, stream):
    write(log, stream, 1)
    stream.apply_written()
    assert read(state) == [1]


def test_what_could_not_be_made_durable_is_never_applied(log, state, stream):
    ticket = write(log, stream, 1)
    log.flush()
    ticket.failure = OSError("no")
    stream.apply_settled()
    assert read(state) == []


def test_several_writes_are_applied_in_order(log, state, stream):
    write(log, stream, 1, 2)
    write(log, stream, 3)
    log.flush()
    stream.apply_settled()
    assert read(state) == [1, 2, 3]
    assert state.open_log(log.log_id)[0] == stream.applied


def test_catching_up_applies_what_a_killed_process_left(log, state, stream):
    for first in range(0, 1200, 100):
        write(log, stream, *range(first, first + 100))
    log.flush()
    later = AppliedStream(log, "events", decode_event, state.apply_events)
    later.catch_up(lambda: state.open_log(log.log_id)[0])
    assert read(state) == list(range(1200))
    assert not later.is_behind


def test_what_is_queued_is_not_applied_again_after_catching_up(
    log, state, stream
):
    ticket = write(log, stream, 1)
    stream.catch_up(lambda: state.open_log(log.log_id)[0])
    assert read(state) == [1]
    stream.submit(ticket, [make_event(1)])  # as a slow thread would
    stream.apply_settled()
    assert not stream.is_behind
    assert read(state) == [1]


def test_state_that_another_one_moved_is_read_again(log, state, stream):
    write(log, stream, 1)
    log.flush()
    stream.apply_settled()
    state.apply_events(log.log_id, stream.applied, [(2**40, make_event(7))])
    write(log, stream, 2)
    log.flush()
    stream.apply_settled()
    assert stream.is_behind


def test_while_the_state_is_away_nothing_is_kept_in_memory(log, state):
    def refuse(log_id, previous, events):
        raise ConnectionError("away")

    stream = AppliedStream(log, "events", decode_event, refuse)
    for number in range(5):
        log.streams["events"].wait(write(log, stream, number))
        stream.apply_settled()
    assert stream.is_behind
    assert not stream._pending
    with pytest.raises(ConnectionError):
        stream.catch_up(lambda: state.open_log(log.log_id)[0])
    assert stream.is_behind


def test_who_writes_does_not_wait_for_a_replay_and_is_replayed(log, state):
    still_waiting = []

    def apply(log_id, previous, events):
        if not still_waiting:
            writer = threading.Thread(target=record, daemon=True)
            writer.start()
            writer.join(30)
            still_waiting.append(writer.is_alive())
        return state.apply_events(log_id, previous, events)

    def record():
        log.streams["events"].wait(write(log, stream, 3))
        stream.apply_settled()

    stream = AppliedStream(log, "events", decode_event, apply)
    write(log, stream, 1, 2)
    stream.catch_up(lambda: state.open_log(log.log_id)[0])
    assert still_waiting == [False]
    assert not stream.is_behind
    assert read(state) == [1, 2, 3]


def test_replay_that_gives_up_keeps_what_it_did(log, state):
    stream = AppliedStream(log, "events", decode_event, state.apply_events)
    write(log, stream, *range(501))  # the second batch is one event

    def read_applied():
        return state.open_log(log.log_id)[0]

    with pytest.raises(ConnectionError, match="still to catch up"):
        stream.catch_up(read_applied, max_batches=1)
    assert stream.is_behind
    assert len(read(state)) == 500
    stream.catch_up(read_applied, max_batches=1)
    assert not stream.is_behind
    assert len(read(state)) == 501


# By stream: what replaces fields of a good record.
_BROKEN = {
    "no time": ("events", {"timestamp": None}),
    "a text for a time": ("events", {"timestamp": "yesterday"}),
    "a time of 101 digits": ("events", {"timestamp": 10**100}),
    "half a character": ("events", {"text": "\ud800"}),
    "half a character in an id": ("events", {"user_id": "\ud800"}),
    "half a character in a later field": ("events", {"mood": "\ud800"}),
    "no text": ("events", {"text": None}),
    "a number beyond floats": ("events", {"value": 10**400}),
    "a text for a number": ("events", {"value": "4"}),
    "a number for a scenario": ("events", {"scenario": 5}),
    "half a character in a slate": ("exposures", {"slate_id": "\ud800"}),
    "a text for a score": (
        "exposures",
        {"items": [{"item_id": "i", "score": "high"}]},
    ),
    "a list for arms": ("exposures", {"arms": ["b"]}),
    "a time beyond floats": ("exposures", {"timestamp": 10**400}),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_one_broken_record_stops_no_kind_of_state(log, open_state, name):
    kind, changed = _BROKEN[name]
    good = [
        {
            "event_id": str(number),
            "slate_id": str(number),
            "user_id": "u",
            "item_id": "i",
            "timestamp": number,
        }
        for number in range(3)
    ]
    lines = [good[0], good[1] | changed, good[2]]
    log.streams[kind].append([json.dumps(one).encode() for one in lines])
    state = open_state()
    decode, apply = {
        "events": (decode_event, state.apply_events),
        "exposures": (decode_exposure, state.apply_exposures),
    }[kind]
    stream = AppliedStream(log, kind, decode, apply)
    place = ("events", "exposures").index(kind)
    stream.catch_up(lambda: state.open_log(log.log_id)[place])
    assert not stream.is_behind
    seqs = [seq for seq, _ in log.read(kind, 0)]
    assert len(seqs) == 3  # it stays
    assert state.open_log(log.log_id)[place] == seqs[-1]
    if kind == "events":
        assert {0, 2} <= set(read(state))
    else:
        assert state.find_exposure("0").user_id == "u"
        assert state.find_exposure("2").user_id == "u"


@pytest.mark.parametrize("number", [0, 3, 7])
def test_record_that_the_state_cannot_take_is_passed_over(
    log, state, number, caplog
):
    def apply(log_id, previous, events):
        if any(event.event_id == f"{number}" for _, event in events):
            raise OverflowError("too large")
        return state.apply_events(log_id, previous, events)

    stream = AppliedStream(log, "events", decode_event, apply)
    write(log, stream, *range(8))
    stream.catch_up(lambda: state.open_log(log.log_id)[0])
    assert not stream.is_behind
    assert read(state) == [one for one in range(8) if one != number]
    seq, _ = list(log.read("events", 0))[number]
    assert f"Number {seq} of the events" in caplog.text
