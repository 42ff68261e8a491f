import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.records.event import Event
from serving.gateway.slates.popularity import Popularity


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BehaviorStore]:
    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    opened = open_behavior_store(url, tmp_path / "log")
    yield opened
    opened.close()


def _record(
    store: BehaviorStore,
    number: int,
    scenario: str = "",
    timestamp: float = 1e9,
) -> None:
    store.record_events(
        [
            Event(
                event_id=f"e{number}",
                user_id="u",
                item_id=f"i{number}",
                timestamp=timestamp,
                scenario=scenario,
            )
        ]
    )


def test_counts_are_read_once_while_they_are_fresh(store):
    popularity = Popularity(store, max_age=3600.0)
    _record(store, 1)
    assert set(popularity.read("")) == {"i1"}
    _record(store, 2)
    assert set(popularity.read("")) == {"i1"}


def test_old_counts_are_read_again(store):
    popularity = Popularity(store, max_age=-1.0)
    _record(store, 1)
    popularity.read("")
    _record(store, 2)
    assert set(popularity.read("")) == {"i1", "i2"}


def test_scenarios_have_counts_of_their_own(store):
    popularity = Popularity(store, max_age=3600.0)
    _record(store, 1, "home")
    assert set(popularity.read("home")) == {"i1"}
    assert popularity.read("mail") == {}


def test_what_was_popular_long_ago_still_tells_items_apart(store):
    week = 7 * 86_400.0
    long_ago = time.time() - 500 * week
    _record(store, 1, timestamp=long_ago)
    _record(store, 2, timestamp=long_ago - week)  # one half-life: half as much
    counts = Popularity(store, max_age=1.0).read("")
    assert counts == pytest.approx({"i1": 1.0, "i2": 0.5})


def test_first_scenario_leaves_when_a_caller_makes_too_many_up(store):
    popularity = Popularity(store, max_age=3600.0)
    popularity.read("home")
    for number in range(64):
        popularity.read(f"s{number}")
    _record(store, 1, "home")
    assert set(popularity.read("home")) == {"i1"}


def test_nothing_is_popular_while_the_state_is_away(tmp_path):
    store = open_behavior_store("redis://localhost:1/0", tmp_path / "log")
    assert Popularity(store, max_age=1.0).read("") == {}
    store.close()
