"""Popularity, read from the state and cached."""

import threading
import time
from collections.abc import Mapping

from serving.gateway.behavior.behavior_store import BehaviorStore

_MAX_SCENARIOS = 64  # kept at once


class Popularity:
    """Decayed counts by scenario, a few seconds old. Safe in threads."""

    def __init__(self, store: BehaviorStore, max_age: float):
        """Reads nothing yet.

        Args:
            store: where the counts are.
            max_age: seconds that counts are good for.
        """
        self._store = store
        self._max_age = max_age
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[float, Mapping[str, float]]] = {}

    def read(self, scenario: str) -> Mapping[str, float]:
        """Returns item id to decayed count.

        While the state does not answer these are old counts, or none.
        """
        now = time.monotonic()
        with self._lock:
            read_at, counts = self._counts.get(scenario, (None, {}))
            if read_at is not None and now - read_at <= self._max_age:
                return counts
            # One caller reads; others get the old counts meanwhile.
            self._counts[scenario] = now, counts
            while len(self._counts) > _MAX_SCENARIOS:
                del self._counts[next(iter(self._counts))]
        try:
            fresh = _lift(self._store.read_popularity(scenario))
        except OSError:
            return counts
        with self._lock:
            if scenario in self._counts:
                self._counts[scenario] = now, fresh
        return fresh


def _lift(counts: Mapping[str, float]) -> Mapping[str, float]:
    """Scales counts so that the largest is 1 at least.

    After a long time without events all counts are almost zero, but their
    ratios still show what was popular.
    """
    top = max(counts.values(), default=0.0)
    if not 0.0 < top < 1.0:
        return counts
    return {item_id: count / top for item_id, count in counts.items()}
