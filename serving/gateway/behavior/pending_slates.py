"""Slates that still wait for feedback."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Mapping

from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure

# Called with a settled slate and the rewards of its items.
OnSettled = Callable[[Exposure, Mapping[str, float]], None]

_MAX_ENTRIES = 100_000  # places, candidates and rewards, at some 600 bytes
_MAX_REWARDS = 8  # of one item of a slate; a person gives one or two


class PendingSlates:
    """Collects rewards, and settles each slate once.

    A slate is settled when its user is shown the next one in the same scenario,
    when its time is over and any slate is shown, or when too many wait: then
    items without feedback count as refused. Too many are more than the caller
    allows, or more than 100,000 places, candidates and rewards. Later rewards
    do not reach the blend, only the log. Of an item in one slate the 8 largest
    rewards are kept. Safe in threads.
    """

    def __init__(
        self, on_settled: OnSettled, max_pending: int, settle_seconds: float
    ):
        """Begins without slates."""
        self._on_settled = on_settled
        self._max_pending = max_pending
        self._settle_seconds = settle_seconds
        self._lock = threading.Lock()
        # Rewards by event id: the item, and how much.
        self._slates: OrderedDict[
            str, tuple[Exposure, dict[str, tuple[str, float]]]
        ] = OrderedDict()
        self._newest: dict[tuple[str, str], str] = {}  # user, scenario: slate
        self._num_entries = 0  # of all slates

    def __len__(self) -> int:
        return len(self._slates)

    def put(self, exposure: Exposure) -> None:
        """Adds a slate, and settles older ones whose time is over."""
        settled = []
        place = exposure.user_id, exposure.scenario
        with self._lock:
            last = self._newest.get(place)
            if last is not None:
                settled.append(self._pop(last))
            self._slates[exposure.slate_id] = exposure, {}
            self._newest[place] = exposure.slate_id
            self._num_entries += _count_entries(exposure)
            while self._slates and self._is_over(exposure.timestamp):
                settled.append(self._pop(next(iter(self._slates))))
        self._settle(settled)

    def reward(self, event: Event, reward: float) -> None:
        """Records the reward of an item of a slate; the largest one counts.

        An event that names a slate of another user, one without the item or
        one that waits no more is passed over.
        """
        with self._lock:
            exposure, rewards = self._slates.get(event.slate_id, (None, {}))
            if (
                exposure is not None
                and exposure.user_id == event.user_id
                and any(one.item_id == event.item_id for one in exposure.items)
            ):
                before = len(rewards)
                rewards[event.event_id] = event.item_id, reward
                _drop_smallest(rewards, event.item_id)
                self._num_entries += len(rewards) - before

    def take_back(self, event: Event) -> None:
        """Removes the reward of an event, if its slate still waits."""
        with self._lock:
            _, rewards = self._slates.get(event.slate_id, (None, {}))
            if rewards.pop(event.event_id, None):
                self._num_entries -= 1

    def forget_user(self, user_id: str) -> None:
        """Drops a user's slates without learning from them."""
        with self._lock:
            for slate_id in [
                slate_id
                for slate_id, (exposure, _) in self._slates.items()
                if exposure.user_id == user_id
            ]:
                self._pop(slate_id)

    def settle_all(self) -> None:
        """Settles all waiting slates, at the end."""
        with self._lock:
            settled = [self._pop(slate_id) for slate_id in list(self._slates)]
        self._settle(settled)

    def _is_over(self, now: float) -> bool:
        oldest, _ = next(iter(self._slates.values()))
        return (
            len(self._slates) > self._max_pending
            or self._num_entries > _MAX_ENTRIES
            or now - oldest.timestamp > self._settle_seconds
        )

    def _pop(self, slate_id: str) -> tuple[Exposure, dict[str, float]]:
        exposure, given = self._slates.pop(slate_id)
        rewards: dict[str, float] = {}
        for item_id, reward in given.values():
            rewards[item_id] = max(reward, rewards.get(item_id, 0.0))
        self._num_entries -= _count_entries(exposure) + len(given)
        place = exposure.user_id, exposure.scenario
        if self._newest.get(place) == slate_id:
            del self._newest[place]
        return exposure, rewards

    def _settle(self, settled) -> None:
        for exposure, rewards in settled:
            self._on_settled(exposure, rewards)


def _count_entries(exposure: Exposure) -> int:
    return len(exposure.items) + len(exposure.candidates)


def _drop_smallest(rewards: dict[str, tuple[str, float]], item_id: str) -> None:
    """Keeps so many rewards of an item: event ids could be made up for ever."""
    own = [one for one, (item, _) in rewards.items() if item == item_id]
    if len(own) > _MAX_REWARDS:
        del rewards[min(own, key=lambda one: rewards[one][1])]
