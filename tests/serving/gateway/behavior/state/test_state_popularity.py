"""How every state store counts popularity, of whatever kind."""

import pytest

from tests.serving.gateway.behavior.state.records import DAY
from tests.serving.gateway.behavior.state.records import NOW
from tests.serving.gateway.behavior.state.records import apply
from tests.serving.gateway.behavior.state.records import make_event


def test_popularity_halves_with_age(open_state):
    state = open_state(half_life=7 * DAY)
    apply(
        state,
        make_event(1, item_id="new", timestamp=NOW),
        make_event(2, item_id="old", timestamp=NOW - 7 * DAY),
        make_event(3, item_id="old", timestamp=NOW - 14 * DAY),
    )
    # 1; 1/2 + 1/4.
    expected = {"new": 1.0, "old": 0.75}
    assert state.read_popularity("", NOW) == pytest.approx(expected)
    later = state.read_popularity("", NOW + 7 * DAY)
    assert later == pytest.approx({"new": 0.5, "old": 0.375})
    assert list(later) == ["new", "old"]


def test_popularity_is_counted_by_scenario_and_over_all(open_state):
    state = open_state()
    apply(
        state,
        make_event(1, item_id="a", timestamp=NOW, scenario="home"),
        make_event(2, item_id="b", timestamp=NOW, scenario="cart"),
        make_event(3, item_id="b", timestamp=NOW),
    )
    assert state.read_popularity("", NOW) == pytest.approx({"a": 1, "b": 2})
    assert state.read_popularity("home", NOW) == pytest.approx({"a": 1})
    assert state.read_popularity("cart", NOW) == pytest.approx({"b": 1})
    assert state.read_popularity("none", NOW) == {}


def test_skips_and_searches_make_nothing_popular(open_state):
    state = open_state()
    apply(
        state,
        make_event(1, event_type="skip"),
        make_event(2, event_type="search"),
    )
    assert state.read_popularity("", NOW) == {}


def test_least_popular_items_leave(open_state):
    state = open_state(popular_items=2)
    # The first events of a process tidy up, so one batch tells.
    apply(
        state,
        *(make_event(n, item_id="often", timestamp=NOW) for n in (1, 2)),
        make_event(3, item_id="new", timestamp=NOW),
        make_event(4, item_id="old", timestamp=NOW - 99 * DAY),
    )
    assert list(state.read_popularity("", NOW)) == ["often", "new"]


def test_scenarios_out_of_use_leave(open_state):
    state = open_state(scenarios=2)
    apply(
        state,
        *(make_event(n, scenario=f"s{n}") for n in (1, 2, 3)),
        make_event(4, scenario=""),
    )
    held = [bool(state.read_popularity(f"s{n}", NOW)) for n in (1, 2, 3)]
    assert held == [False, True, True]
    assert state.read_popularity("", NOW)


def test_times_far_off_break_no_popularity(open_state):
    state = open_state(half_life=60.0)
    apply(
        state,
        make_event(1, item_id="past", timestamp=-1e300),
        make_event(2, item_id="future", timestamp=NOW + 1e9),
        make_event(3, item_id="now", timestamp=NOW),
    )
    weights = state.read_popularity("", NOW)
    assert weights["past"] == 0
    assert weights["now"] == pytest.approx(1)
    assert list(weights) == ["future", "now", "past"]


def test_other_half_life_counts_again(open_state):
    apply(open_state(half_life=DAY), make_event(1, timestamp=NOW))
    state = open_state(half_life=2 * DAY)
    assert state.read_popularity("", NOW) == {}
