import math

import pytest

from schemas.events import EVENT_TYPES
from serving.gateway.behavior.state.decayed_count import add_event
from serving.gateway.behavior.state.decayed_count import is_counted
from serving.gateway.behavior.state.decayed_count import name_counters
from serving.gateway.behavior.state.decayed_count import read_weight
from serving.gateway.behavior.state.decayed_count import take_event
from serving.gateway.records.event import Event

HALF_LIFE = 100.0


def count(*timestamps):
    total = None
    for timestamp in timestamps:
        total = add_event(total, timestamp, HALF_LIFE)
    return total


def test_counts_of_events_of_different_age_add_up():
    # At 1000: 1 + 1/2 + 1/8.
    assert read_weight(
        count(1000.0, 900.0, 700.0), 1000.0, HALF_LIFE
    ) == pytest.approx(1.625)


def test_order_of_arrival_does_not_matter():
    assert count(700.0, 1000.0, 900.0) == pytest.approx(
        count(1000.0, 900.0, 700.0), rel=1e-12
    )


def test_log_weights_sort_as_the_counts_do():
    many_old, one_new = count(700.0, 700.0, 700.0), count(1000.0)
    assert many_old < one_new  # 3/8 against 1, now and at any time
    assert read_weight(many_old, 5000.0, HALF_LIFE) < read_weight(
        one_new, 5000.0, HALF_LIFE
    )


def test_a_million_events_of_one_instant_are_a_million():
    total = math.log2(999_999) + 17.0  # 999,999 events at 1700
    total = add_event(total, 1700.0, HALF_LIFE)
    assert read_weight(total, 1700.0, HALF_LIFE) == pytest.approx(1e6)


def test_a_clock_that_went_back_by_centuries_overflows_nothing():
    assert math.isfinite(read_weight(count(1e12), 0.0, HALF_LIFE))


def test_event_without_scenario_belongs_to_one_counter():
    (counter,) = name_counters("", HALF_LIFE)
    assert name_counters("home", HALF_LIFE)[-1] == counter
    assert len(name_counters("home", HALF_LIFE)) == 2
    assert name_counters("", 2 * HALF_LIFE) != [counter]


def test_what_says_nothing_for_the_item_is_not_counted():
    counted = {
        kind
        for kind in EVENT_TYPES
        if is_counted(
            Event(
                event_id="e",
                user_id="u",
                item_id="i",
                timestamp=1,
                event_type=kind,
            )
        )
    }
    assert set(EVENT_TYPES) - counted == {"skip", "search", "message"}


def test_event_taken_back_leaves_the_count_of_the_others():
    left = take_event(count(1000.0, 900.0, 700.0), 900.0, HALF_LIFE)
    # At 1000: 1 + 1/8.
    assert read_weight(left, 1000.0, HALF_LIFE) == pytest.approx(1.125)
    assert take_event(count(1.7e9), 1.7e9, HALF_LIFE) is None
