from serving.gateway.behavior.pending_slates import PendingSlates
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure


class _Settled:
    def __init__(self, max_pending=100, settle_seconds=60.0):
        self.slates = []
        self.pending = PendingSlates(self._note, max_pending, settle_seconds)

    def _note(self, exposure, rewards):
        self.slates.append((exposure.slate_id, dict(rewards)))

    def show(self, slate_id, user_id="u", timestamp=0.0, scenario="", **others):
        self.pending.put(
            Exposure(
                slate_id=slate_id,
                user_id=user_id,
                timestamp=timestamp,
                scenario=scenario,
                **{"items": (ExposedItem(item_id="a", score=1.0),)} | others,
            )
        )

    def reward(self, slate_id, item_id, reward, user_id="u"):
        event = Event(
            event_id=f"{item_id}-{reward}",
            user_id=user_id,
            item_id=item_id,
            timestamp=0.0,
            slate_id=slate_id,
        )
        self.pending.reward(event, reward)
        return event


def test_next_slate_of_the_user_settles_the_last_with_its_rewards():
    settled = _Settled()
    settled.show("s1")
    settled.reward("s1", "a", 0.5)
    settled.reward("s1", "a", 0.2)  # the best counts
    settled.show("s2")
    assert settled.slates == [("s1", {"a": 0.5})]
    assert len(settled.pending) == 1


def test_reward_taken_back_leaves_the_others():
    settled = _Settled()
    settled.show("s1")
    settled.reward("s1", "a", 0.2)
    settled.pending.take_back(settled.reward("s1", "a", 0.5))
    settled.show("s2")
    settled.pending.take_back(settled.reward("s2", "a", 0.5))
    settled.pending.settle_all()
    assert settled.slates == [("s1", {"a": 0.2}), ("s2", {})]


def test_rewards_of_ever_new_events_take_no_more_room_than_a_few():
    settled = _Settled()
    settled.show("s1")
    best = settled.reward("s1", "a", 0.9)
    for number in range(50):
        settled.reward("s1", "a", number / 100)
    # The eight largest: 0.9, and 0.49 down to 0.43.
    (waiting,) = settled.pending._slates.values()
    assert len(waiting[1]) == 8
    settled.pending.take_back(best)
    settled.pending.settle_all()
    assert settled.slates == [("s1", {"a": 0.49})]


def test_rewards_take_room_of_what_may_wait():
    settled = _Settled()
    items = tuple(ExposedItem(item_id=f"i{n}", score=1.0) for n in range(10))
    many = {"items": items, "candidates": {str(n): {} for n in range(49_980)}}
    settled.show("s1", user_id="u", **many)
    settled.show("s2", user_id="v", **many)
    assert settled.slates == []  # 2 * 49,990 of 100,000
    for number in range(8):
        for item in items:
            event = Event(
                event_id=f"{item.item_id}-{number}",
                user_id="u",
                item_id=item.item_id,
                timestamp=0.0,
                slate_id="s1",
            )
            settled.pending.reward(event, 0.5)
    settled.show("s3", user_id="w")
    assert [slate_id for slate_id, _ in settled.slates] == ["s1"]


def test_slates_of_other_users_and_scenarios_wait_on():
    settled = _Settled()
    settled.show("s1")
    settled.show("s2", user_id="v")
    settled.show("s3", scenario="home")
    assert settled.slates == []


def test_slate_is_settled_once_and_late_rewards_are_refused():
    settled = _Settled()
    settled.show("s1")
    settled.show("s2")
    settled.reward("s1", "a", 1.0)
    settled.pending.settle_all()
    assert settled.slates == [("s1", {}), ("s2", {})]


def test_reward_of_an_item_or_a_user_that_was_not_shown_it_is_none():
    settled = _Settled()
    settled.show("s1")
    settled.reward("s1", "b", 1.0)
    settled.reward("s1", "a", 1.0, user_id="v")
    settled.pending.settle_all()
    assert settled.slates == [("s1", {})]


def test_old_slates_are_settled_by_any_new_one():
    settled = _Settled(settle_seconds=10.0)
    settled.show("s1", user_id="u", timestamp=0.0)
    settled.show("s2", user_id="v", timestamp=10.5)
    assert settled.slates == [("s1", {})]


def test_no_more_slates_wait_than_allowed():
    settled = _Settled(max_pending=2)
    for number in range(5):
        settled.show(f"s{number}", user_id=f"u{number}")
    assert len(settled.pending) == 2
    assert [slate_id for slate_id, _ in settled.slates] == ["s0", "s1", "s2"]


def test_no_more_places_and_candidates_wait_than_there_is_memory_for():
    settled = _Settled()
    many = {
        "items": (ExposedItem(item_id="a", score=1.0),) * 10_000,
        "candidates": {str(number): {} for number in range(30_000)},
    }
    settled.show("s1", user_id="u1", **many)
    settled.show("s2", user_id="u2", **many)
    assert settled.slates == []  # 2 * 40,000 of 100,000
    settled.show("s3", user_id="u3", **many)
    assert settled.slates == [("s1", {})]
    settled.pending.forget_user("u2")
    settled.show("s4", user_id="u4", **many)
    assert settled.slates == [("s1", {})]  # what left has made room
    settled.show("s5", user_id="u5", **many)
    assert settled.slates == [("s1", {}), ("s3", {})]


def test_forgotten_user_teaches_nothing():
    settled = _Settled()
    settled.show("s1", user_id="u")
    settled.show("s2", user_id="v")
    settled.pending.forget_user("u")
    settled.pending.settle_all()
    assert settled.slates == [("s2", {})]
