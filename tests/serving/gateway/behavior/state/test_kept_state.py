"""Redis goes away and comes back; gateways share it."""

import threading

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.state.kept_state import KeptState
from serving.gateway.behavior.state.redis_store import RedisStateStore
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure


def make_event(number, user_id="ann"):
    return Event(
        event_id=f"{user_id}-{number}",
        user_id=user_id,
        item_id="i",
        timestamp=number,
    )


@pytest.fixture
def open_gateway(tmp_path, redis_process):
    """Opens the store of one gateway by name, on a Redis that all share."""
    opened = []

    def open_(name):
        # A test that fails may have left it stopped, or full.
        state = RedisStateStore(redis_process.url)
        opened.append(BehaviorStore(state, BehaviorLog(tmp_path / name)))
        return opened[-1]

    redis_process.stop()
    redis_process.start()
    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def stopped_redis(redis_process):
    """Stops Redis; called, it starts it again. All it knew is gone."""
    redis_process.stop()
    is_stopped = [True]

    def start():
        redis_process.start()
        is_stopped.clear()

    yield start
    if is_stopped:
        start()


def test_events_are_acknowledged_while_redis_is_away_and_found_later(
    open_gateway, stopped_redis
):
    store = open_gateway("one")
    assert store.is_behind
    assert len(store.record_events([make_event(1), make_event(2)])) == 2
    assert len(store.record_events([make_event(2), make_event(3)])) == 1
    store.record_exposure(Exposure(slate_id="s", user_id="ann", timestamp=1.0))
    for read in (
        lambda: store.read_events("ann", 9),
        lambda: store.find_exposure("s"),
        lambda: store.read_popularity(""),
        lambda: store.list_users(9),
        store.list_items,
        lambda: store.load_document("a"),
        lambda: store.replace_document("a", None, b""),
        lambda: store.forget_user("nobody"),
        store.synchronise,
    ):
        with pytest.raises(ConnectionError):
            read()
    stopped_redis()
    store.synchronise()
    assert not store.is_behind
    assert store.read_events("ann", 9) == [make_event(n) for n in (1, 2, 3)]
    assert store.find_exposure("s").user_id == "ann"


def test_redis_that_leaves_in_between_costs_no_event(
    open_gateway, redis_process
):
    store = open_gateway("one")
    store.record_events([make_event(1)])
    redis_process.stop()
    store.record_events([make_event(2)])
    with pytest.raises(ConnectionError):
        store.read_events("ann", 9)
    redis_process.start()
    store.record_events([make_event(3)])
    store.synchronise()
    assert len(store.read_events("ann", 9)) == 3


def test_state_that_redis_lost_is_restored_though_nothing_is_written(
    open_gateway, redis_process
):
    store = open_gateway("one")
    store.record_events([make_event(1)])
    store.close_span()
    store.record_events([make_event(2)])
    redis_process.stop()
    redis_process.start()
    store.synchronise()
    assert store.read_events("ann", 9) == [make_event(1), make_event(2)]


def test_gateways_see_each_other_s_events_and_ids(open_gateway):
    one, two = open_gateway("one"), open_gateway("two")
    one.record_events([make_event(1)])
    assert two.read_events("ann", 9) == [make_event(1)]
    assert len(two.record_events([make_event(1), make_event(2)])) == 1
    assert len(one.read_events("ann", 9)) == 2


def test_user_is_forgotten_in_every_gateway_s_log(open_gateway, tmp_path):
    one, two = open_gateway("one"), open_gateway("two")
    one.record_events([make_event(1, "unmistakable")])
    two.record_events([make_event(2, "unmistakable"), make_event(3)])
    two.close_span()
    assert one.forget_user("unmistakable") == 2
    two.synchronise()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"unmistakable" in path.read_bytes() for path in files)
    assert two.list_users(9) == ["ann"]


def test_gateway_that_was_down_forgets_before_it_replays(
    open_gateway, redis_process, tmp_path
):
    two = open_gateway("two")
    redis_process.stop()
    two.record_events([make_event(2, "bob")])  # Redis has not got it yet
    two.close()
    redis_process.start()
    RedisStateStore(redis_process.url).open_log(two._log.log_id)
    one = open_gateway("one")
    one.forget_user("bob")
    log = BehaviorLog(tmp_path / "two")
    state = RedisStateStore(redis_process.url)
    KeptState(state, log, threading.Lock()).tend()
    assert state.read_events("bob", 9) == []
    assert list(log.read("events", 0)) == []
    log.close()


def test_deletion_that_the_state_interrupted_is_finished_later(
    open_gateway, redis_process
):
    one = open_gateway("one")
    two = open_gateway("two")
    one.record_events([make_event(1)])
    two.record_events([make_event(2)])
    redis_process.stop()
    with pytest.raises(ConnectionError):
        one.forget_user("ann")
    redis_process.start()
    two.synchronise()  # brings the event back that Redis lost
    one.synchronise()
    assert one.read_events("ann", 9) == []
    two.synchronise()
    assert list(two._log.read("events", 0)) == []


def test_state_that_did_not_answer_is_not_asked_by_every_reader(tmp_path):
    log = BehaviorLog(tmp_path / "log")
    state = SqliteStateStore(tmp_path / "state.db")
    kept = KeptState(state, log, threading.Lock())
    kept.note_absence(ConnectionError("no route"))
    with (
        pytest.raises(ConnectionError, match="s ago: no route"),
        kept.reaching(),
    ):
        raise AssertionError("must not be reached")
    kept.tend()
    with kept.reaching() as reached:
        assert reached is state
    log.close()
    state.close()


class _HaltingState(SqliteStateStore):
    """Applies events once it is told to go on."""

    def __init__(self, path):
        super().__init__(path)
        self.began = threading.Event()
        self.may_go_on = threading.Event()

    def apply_events(self, log_id, previous, events):
        self.began.set()
        assert self.may_go_on.wait(60)
        return super().apply_events(log_id, previous, events)


@pytest.fixture
def filled_log(tmp_path):
    """A log of 501 events: one more than a reader catches up with."""
    log = BehaviorLog(tmp_path / "log")
    log.streams["events"].append(
        [encode_event(make_event(number)) for number in range(501)]
    )
    yield log
    log.close()


def test_reader_does_not_wait_for_who_catches_up(filled_log, tmp_path):
    state = _HaltingState(tmp_path / "state.db")
    kept = KeptState(state, filled_log, threading.Lock())
    tending = threading.Thread(target=kept.tend)
    tending.start()
    assert state.began.wait(60)
    with (
        pytest.raises(ConnectionError, match=r"more than 0\.05 s"),
        kept.reaching(),
    ):
        raise AssertionError("must not be reached")
    state.may_go_on.set()
    tending.join()
    with kept.reaching() as reached:
        assert len(reached.read_events("ann", 999)) == 501
    state.close()


def test_reader_catches_up_with_a_little_and_leaves_the_rest(
    filled_log, tmp_path
):
    state = SqliteStateStore(tmp_path / "state.db")
    kept = KeptState(state, filled_log, threading.Lock())
    with (
        pytest.raises(ConnectionError, match="still to catch up"),
        kept.reaching(),
    ):
        raise AssertionError("must not be reached")
    later = KeptState(state, filled_log, threading.Lock())
    with later.reaching() as reached:
        assert len(reached.read_events("ann", 999)) == 501
    state.close()
