"""How every state store takes back an event, of whatever kind."""

import pytest

from tests.serving.gateway.behavior.state.records import NOW
from tests.serving.gateway.behavior.state.records import apply
from tests.serving.gateway.behavior.state.records import make_event


def make_undo(number, undone, **others):
    return make_event(number, event_type="undo", text=undone, **others)


def list_items(state, user_id="ann"):
    return [event.item_id for event in state.read_events(user_id, 100)]


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_event_taken_back_leaves_the_user_and_the_popularity(
    open_state, is_one_batch
):
    state = open_state()
    events = [
        make_event(1, item_id="a", timestamp=NOW, scenario="home"),
        make_event(2, item_id="a", timestamp=NOW, scenario="home"),
        make_event(3, item_id="b", timestamp=NOW, scenario="home"),
        make_undo(4, "ann-2", item_id="a", scenario="home"),
        make_undo(5, "ann-3", item_id="b", scenario="home"),
    ]
    for batch in [events] if is_one_batch else [[one] for one in events]:
        apply(state, *batch)
    assert list_items(state) == ["a"]
    for scenario in ("", "home"):
        popularity = state.read_popularity(scenario, NOW)
        assert popularity == pytest.approx({"a": 1.0})


def test_event_that_comes_after_its_undo_is_not_kept(open_state):
    state = open_state()
    apply(state, make_undo(1, "ann-7"), log_id="fast")
    apply(state, make_event(7), make_event(8, item_id="b"), log_id="slow")
    assert list_items(state) == ["b"]


def test_undo_of_one_user_leaves_the_events_of_others(open_state):
    state = open_state()
    apply(state, make_event(1, user_id="bob"))
    apply(state, make_undo(2, "bob-1"))
    assert list_items(state, "bob") == ["i"]


def test_what_was_counted_by_nobody_is_not_taken_off(open_state):
    state = open_state()
    apply(
        state,
        make_event(1, timestamp=NOW),
        make_event(2, timestamp=NOW, event_type="seen"),
    )
    apply(state, make_undo(3, "ann-2"))
    assert state.read_popularity("", NOW) == pytest.approx({"i": 1.0})


def test_id_with_quotes_is_found_and_text_that_quotes_it_is_not(open_state):
    state = open_state()
    odd = make_event(1, user_id='a"\\é', item_id="odd")
    quoting = make_event(2, user_id='a"\\é', text='"event_id": "a"')
    apply(state, odd, quoting)
    apply(state, make_undo(3, odd.event_id, user_id='a"\\é'))
    assert list_items(state, 'a"\\é') == ["i"]
