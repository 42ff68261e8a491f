import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.feedback_loop import FeedbackLoop
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_metrics import GatewayMetrics
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

_CONFIG = GatewayConfig()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BehaviorStore]:
    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    opened = open_behavior_store(url, tmp_path / "log")
    yield opened
    opened.close()


def _build(store: BehaviorStore) -> FeedbackLoop:
    return FeedbackLoop(_CONFIG, store, GatewayMetrics())


def _show(loop: FeedbackLoop, slate_id: str, **fields) -> None:
    exposure = Exposure(
        slate_id=slate_id,
        user_id="ann",
        timestamp=1.0,
        policy="learnt",
        items=tuple(
            ExposedItem(item_id=i, score=0.0, features={"freshness": f})
            for i, f in (("old", 0.0), ("new", 1.0))
        ),
    )
    loop.show(dataclasses.replace(exposure, **fields))


def _event(slate_id: str, item_id: str, **fields) -> Event:
    return Event(
        event_id=f"{slate_id}-{item_id}",
        user_id="ann",
        item_id=item_id,
        timestamp=2.0,
        slate_id=slate_id,
        **fields,
    )


def _weigh(loop: FeedbackLoop) -> float:
    return loop.ranker.describe()["learnt"]["weights"][""]["freshness"]


def test_what_users_take_gains_weight(store):
    loop = _build(store)
    _show(loop, "s1")
    assert loop.give("like", _event("s1", "new")) == 1
    assert _weigh(loop) == 0.0  # the slate still waits
    loop.close()
    assert _weigh(loop) > 0.0


def test_event_that_names_a_slate_is_its_reward(store):
    loop = _build(store)
    _show(loop, "s1")
    loop.record([_event("s1", "new", event_type="purchase")])
    loop.close()
    assert _weigh(loop) > 0.0


def test_reward_that_was_taken_back_does_not_return_with_a_retry(store):
    loop = _build(store)
    _show(loop, "s1")
    event = _event("s1", "new", event_type="purchase")
    loop.record([event])
    assert loop.undo("ann", event.event_id)
    assert loop.record([event]) == 0
    loop.close()
    assert _weigh(loop) <= 0.0


@pytest.mark.parametrize(("stars", "is_gain"), [(4.0, True), (1.0, False)])
def test_rating_of_a_slate_s_item_counts_as_the_nearest_feedback(
    store, stars, is_gain
):
    loop = _build(store)
    _show(loop, "s1")
    loop.record([_event("s1", "new", event_type="rate", value=stars)])
    loop.close()
    assert (_weigh(loop) > 0.0) is is_gain


def test_slates_that_nobody_acts_upon_teach_nothing(store):
    loop = _build(store)
    for number in range(50):
        _show(loop, f"s{number}")
    loop.record([_event("s49", "new", event_type="message")])
    loop.close()
    assert loop.ranker.describe()["learnt"]["num_slates"] == 0


def test_dislike_is_no_reward(store):
    loop = _build(store)
    _show(loop, "s1")
    loop.give("dislike", _event("s1", "new"))
    loop.close()
    assert _weigh(loop) < 0.0


def test_stand_ins_for_the_model_teach_nothing(store):
    loop = _build(store)
    _show(loop, "s1", source="popular")
    loop.give("like", _event("s1", "new"))
    loop.close()
    assert loop.ranker.describe()["learnt"]["num_slates"] == 0


def test_what_was_learnt_survives_a_restart_and_a_reset_does_too(store):
    loop = _build(store)
    _show(loop, "s1")
    loop.give("like", _event("s1", "new"))
    loop.close()
    again = _build(store)
    assert _weigh(again) == _weigh(loop)
    again.reset("learnt")
    assert _weigh(_build(store)) == 0.0


def test_damaged_weights_are_left_for_fresh_ones(store, caplog):
    store.replace_document("ranking-2/learnt", None, b"{}")
    loop = _build(store)
    assert _weigh(loop) == 0.0
    assert "cannot be used" in caplog.text
    _show(loop, "s1")
    loop.give("like", _event("s1", "new"))
    loop.close()
    assert _weigh(_build(store)) == _weigh(loop) > 0.0


def test_weights_of_before_they_had_a_version_are_taken_up_and_stay(store):
    names = list(_build(store).ranker.describe()["learnt"]["weights"][""])
    first = json.dumps(
        {
            "format": "tastemaker-blend-1",
            "parameters": names,
            "num_slates": 7,
            "shared": [0.5] * len(names),
            "scenarios": {},
        }
    ).encode()
    store.replace_document("ranking/learnt", None, first)
    loop = _build(store)
    assert _weigh(loop) == 0.5
    _show(loop, "s1", model_version=3)
    loop.give("like", _event("s1", "new"))
    loop.close()
    again = _build(store)
    told = again.ranker.describe()["learnt"]
    assert _weigh(again) == _weigh(loop) > 0.5
    assert (told["num_slates"], told["model_version"]) == (8, 3)
    # An older release finds its own after a rollback.
    assert store.load_document("ranking/learnt") == first


def test_gateways_on_one_state_learn_together(store):
    one, two = _build(store), _build(store)
    for loop, slate_id in ((one, "s1"), (two, "s2")):
        _show(loop, slate_id)
        loop.give("like", _event(slate_id, "new"))
        loop._pending.settle_all()
    alone = _weigh(one)
    one._synchronise()
    two._synchronise()
    assert _weigh(two) == pytest.approx(2 * alone, rel=0.1)
    one._synchronise()
    assert _weigh(one) == _weigh(two) == _weigh(_build(store))
    two.reset("learnt")
    one._synchronise()
    assert _weigh(one) == 0.0


def test_feedback_that_was_sent_before_is_not_kept_twice(store):
    loop = _build(store)
    _show(loop, "s1")
    assert loop.give("like", _event("s1", "new")) == 1
    assert loop.give("like", _event("s1", "new")) == 0
    assert len(store.read_events("ann", 10)) == 1


def _learn_and_leave(store: BehaviorStore) -> FeedbackLoop:
    """A gateway that learnt something, and was stopped."""
    loop = _build(store)
    _show(loop, "s1")
    loop.give("like", _event("s1", "new"))
    loop.close()
    return loop


def _take_state_away(store: BehaviorStore, monkeypatch) -> None:
    def fail(name: str) -> bytes:
        raise ConnectionError("the state is away")

    monkeypatch.setattr(store, "load_document", fail)


def test_what_could_not_be_loaded_is_not_written_over(store, monkeypatch):
    before = _learn_and_leave(store)
    _take_state_away(store, monkeypatch)
    loop = _build(store)
    _show(loop, "s2")
    loop.give("dislike", _event("s2", "new"))
    with pytest.raises(ConnectionError, match="away"):
        loop.tend()
    loop.close()
    own = _weigh(loop)
    assert own < 0.0
    monkeypatch.undo()
    loop.tend()  # as soon as the state is back
    assert _weigh(loop) == pytest.approx(_weigh(before) + own)
    assert _weigh(_build(store)) == _weigh(loop)


def test_reset_is_refused_while_what_was_learnt_may_come_back(
    store, monkeypatch
):
    _learn_and_leave(store)
    _take_state_away(store, monkeypatch)
    loop = _build(store)
    with pytest.raises(ConnectionError, match="away"):
        loop.reset("learnt")
    monkeypatch.undo()
    loop.reset("learnt")  # once the state is back
    loop.tend()
    assert _weigh(loop) == 0.0
    assert _weigh(_build(store)) == 0.0


_EXPLORING = GatewayConfig(
    ranking={
        "policies": {"learnt": {"new_items": {"share": 0.1}}, "fixed": {}},
        "default_policy": "learnt",
    }
)


def _explore(store: BehaviorStore) -> FeedbackLoop:
    """A loop that knows that "new" is new."""
    loop = FeedbackLoop(_EXPLORING, store, GatewayMetrics())
    loop.ranker.new_items.order("learnt", {"new": 0.0}, 1.0)
    return loop


def _count_shows(loop: FeedbackLoop) -> int:
    return loop.describe_policies()["learnt"]["new_items"]["shows"]


def test_counts_of_new_items_survive_a_restart_and_are_shared(store):
    one, two = _explore(store), _explore(store)
    for loop, slate_id in ((one, "s1"), (two, "s2")):
        _show(loop, slate_id)
        loop.give("click", _event(slate_id, "old"))
        loop._pending.settle_all()
        assert _count_shows(loop) == 1
    one._synchronise()
    two._synchronise()
    one._synchronise()
    assert _count_shows(one) == _count_shows(two) == 2
    one.close()
    two.close()
    again = _explore(store)
    assert _count_shows(again) == 2
    assert "new_items" not in again.describe_policies()["fixed"]


def test_stand_ins_and_policies_without_a_share_count_no_new_items(store):
    loop = _explore(store)
    _show(loop, "s1", source="popular")
    loop.close()
    assert _count_shows(loop) == 0
    plain = _build(store)
    plain.close()
    assert "new_items" not in plain.describe_policies()["learnt"]
    assert store.load_document("new-items-1") is None


def test_damaged_counts_are_made_anew(store, caplog):
    store.replace_document("new-items-1", None, b"{")
    loop = _explore(store)
    assert "made anew" in caplog.text
    _show(loop, "s1")
    loop.close()
    assert _count_shows(_explore(store)) == 1
