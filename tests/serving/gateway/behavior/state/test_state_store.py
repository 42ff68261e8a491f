"""What every state store does, of whatever kind."""

import dataclasses
import threading

import pytest

from serving.gateway.behavior.state.state_store import digest_event_id
from serving.gateway.records.exposure import ExposedItem
from tests.serving.gateway.behavior.state.records import NOW
from tests.serving.gateway.behavior.state.records import apply
from tests.serving.gateway.behavior.state.records import expose
from tests.serving.gateway.behavior.state.records import make_event
from tests.serving.gateway.behavior.state.records import make_exposure


def test_events_are_read_by_time_whatever_the_order_of_arrival(open_state):
    state = open_state()
    apply(state, make_event(3), make_event(1))
    apply(state, make_event(2))
    read = state.read_events("ann", 10)
    assert read == [make_event(1), make_event(2), make_event(3)]


def test_limit_takes_the_newest(open_state):
    state = open_state()
    apply(state, *(make_event(n) for n in (4, 1, 3, 2)))
    assert state.read_events("ann", 2) == [make_event(3), make_event(4)]
    assert state.read_events("ann", 0) == []


def test_events_of_one_instant_keep_the_order_of_arrival(open_state):
    state = open_state()
    events = [make_event(n, timestamp=NOW) for n in (12, 5, 100, 7)]
    apply(state, *events)
    assert state.read_events("ann", 10) == events


def test_users_do_not_mix_and_may_be_called_anything(open_state):
    state = open_state()
    users = ["ann", "an", "ann:x", "é\n\0'\";--", "%"]
    apply(state, *(make_event(1, user_id=user) for user in users))
    for user in users:
        assert state.read_events(user, 10) == [make_event(1, user_id=user)]


def test_event_of_a_later_version_is_kept_and_passed_over(open_state):
    state = open_state()
    later = make_event(2, event_type="glance", unknown_fields={"eye": "left"})
    apply(state, make_event(1), later, make_event(3))
    # Not two of three: what is passed over takes no other's place.
    assert state.read_events("ann", 2) == [make_event(1), make_event(3)]
    assert state.list_seen([later.event_id]) == {later.event_id}
    assert state.forget_user("ann", "log") == 3


def test_unknown_user_has_no_events(open_state):
    assert open_state().read_events("nobody", 10) == []


def test_repeated_event_counts_once(open_state):
    state = open_state()
    apply(state, make_event(1), make_event(1))
    apply(state, make_event(1), make_event(2))
    assert state.read_events("ann", 10) == [make_event(1), make_event(2)]
    weight = state.read_popularity("", NOW)["i"]
    assert weight == pytest.approx(2, rel=1e-4)


def test_known_ids_are_told(open_state):
    state = open_state()
    apply(state, make_event(1))
    assert state.list_seen(["ann-1", "ann-2"]) == {"ann-1"}
    assert state.list_seen([]) == set()


def test_oldest_events_of_a_user_leave(open_state):
    state = open_state(events_per_user=3)
    apply(state, *(make_event(n) for n in (5, 1, 4)))
    apply(state, make_event(3), make_event(2), make_event(1, user_id="bob"))
    kept = [make_event(3), make_event(4), make_event(5)]
    assert state.read_events("ann", 10) == kept
    assert len(state.read_events("bob", 10)) == 1


def test_oldest_ids_are_forgotten(open_state):
    state = open_state(seen_events=2)
    apply(state, *(make_event(n) for n in (1, 2, 3)))
    ids = ["ann-1", "ann-2", "ann-3"]
    assert state.list_seen(ids) == {"ann-2", "ann-3"}


def test_replayed_events_are_refused_and_change_nothing(open_state):
    state = open_state()
    assert state.open_log("log") == (0, 0)
    assert state.apply_events("log", 0, [(7, make_event(1))])
    assert state.open_log("log") == (7, 0)
    assert not state.apply_events("log", 0, [(7, make_event(2))])
    assert not state.apply_events("log", 8, [(9, make_event(2))])
    assert state.read_events("ann", 10) == [make_event(1)]
    assert state.apply_events("log", 7, [(9, make_event(2))])


def test_logs_are_applied_independently(open_state):
    state = open_state()
    apply(state, make_event(1), log_id="one")
    apply(state, make_event(2), make_event(3), log_id="two")
    assert state.open_log("one") == (1, 0)
    assert state.open_log("two") == (2, 0)


def test_users_are_listed_by_their_newest_event(open_state):
    state = open_state()
    apply(
        state,
        make_event(5, user_id="bob"),
        make_event(9, user_id="ann"),
        make_event(7, user_id="cid"),
        make_event(1, user_id="ann"),
    )
    assert state.list_users(2) == ["ann", "cid"]
    assert state.list_users(0) == []


def test_exposure_is_found_by_its_slate(open_state):
    state = open_state()
    expose(state, make_exposure("s1"), make_exposure("s2", "bob"))
    assert state.find_exposure("s1") == make_exposure("s1")
    assert state.find_exposure("s3") is None
    assert state.open_log("log") == (0, 2)


def test_what_the_blend_saw_of_a_slate_takes_no_room(open_state):
    state = open_state()
    seen = {"features": {"x": 1.0}, "propensity": 0.5}
    item = ExposedItem(item_id="é", score=0.5, **seen)
    more = {"candidates": {"é": {"x": 1.0}}, "explored_position": 0}
    slate = dataclasses.replace(make_exposure("s"), items=(item,), **more)
    expose(state, slate)
    assert state.find_exposure("s") == make_exposure("s")


def test_oldest_exposures_leave(open_state):
    state = open_state(exposures=2)
    expose(state, make_exposure("s1"), make_exposure("s2", "bob"))
    expose(state, make_exposure("s3", "bob"))
    found = [state.find_exposure(f"s{n}") for n in (1, 2, 3)]
    assert [one and one.slate_id for one in found] == [None, "s2", "s3"]


def test_forgotten_user_leaves_and_others_stay(open_state):
    state = open_state()
    apply(state, make_event(1), make_event(2), make_event(1, user_id="bob"))
    expose(state, make_exposure("s1"), make_exposure("s2", "bob"))
    assert state.forget_user("ann", "log") == 3
    assert state.read_events("ann", 10) == []
    assert state.find_exposure("s1") is None
    assert state.list_users(10) == ["bob"]
    assert state.read_events("bob", 10) == [make_event(1, user_id="bob")]
    assert state.find_exposure("s2") == make_exposure("s2", "bob")
    assert state.forget_user("ann", "log") == 0


def test_what_was_removed_is_erased_while_nobody_else_reads(open_state):
    state = open_state()
    apply(state, make_event(1))
    state.forget_user("ann", "log")
    assert state.erase_removed()


def test_other_logs_are_told_whom_to_forget(open_state):
    state = open_state()
    for log_id in ("own", "two", "three"):
        state.open_log(log_id)
    state.forget_user("ann", "own")
    state.forget_user("ann", "own")
    state.forget_user("é", "two")
    assert state.list_forgets("own") == ["é"]
    assert state.list_forgets("two") == ["ann"]
    assert sorted(state.list_forgets("three")) == ["ann", "é"]
    state.finish_forget("three", "ann")
    assert state.list_forgets("three") == ["é"]


def test_what_was_kept_is_there_after_reopening(open_state):
    state = open_state()
    apply(state, make_event(1))
    expose(state, make_exposure("s1"))
    state.replace_document("weights", None, b"1")
    state.close()
    state = open_state()
    assert state.read_events("ann", 10) == [make_event(1)]
    assert state.find_exposure("s1") == make_exposure("s1")
    assert state.load_document("weights") == b"1"
    assert state.open_log("log") == (1, 1)


def test_history_of_ten_thousand_events_is_read_whole(open_state):
    state = open_state()
    for first in range(0, 10_100, 500):
        apply(state, *(make_event(n) for n in range(first, first + 500)))
    read = state.read_events("ann", 20_000)
    assert len(read) == 10_000
    assert read[-1] == make_event(10_499)
    assert len(state.read_events("ann", 50)) == 50


def test_threads_read_and_write_at_once(open_state):
    state = open_state()
    failures = []

    def write(thread):
        for n in range(30):
            log_id = f"log-{thread}"
            apply(state, make_event(n, user_id=log_id), log_id=log_id)

    def read():
        for _ in range(60):
            times = [e.timestamp for e in state.read_events("log-0", 100)]
            if times != [NOW + n for n in range(len(times))]:
                failures.append(times)

    threads = [threading.Thread(target=write, args=[n]) for n in range(3)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [len(state.read_events(f"log-{n}", 99)) for n in range(3)] == [
        30,
        30,
        30,
    ]


def test_text_that_is_not_unicode_is_refused_whole(open_state):
    state = open_state()
    events = [(1, make_event(1)), (2, make_event(2, text="\ud800"))]
    with pytest.raises(ValueError, match="surrogates"):
        state.apply_events("log", state.open_log("log")[0], events)
    assert state.read_events("ann", 10) == []
    assert state.open_log("log") == (0, 0)


def test_digest_is_16_bytes_and_tells_ids_apart():
    assert len(digest_event_id("a")) == 16
    assert digest_event_id("a") != digest_event_id("b")
