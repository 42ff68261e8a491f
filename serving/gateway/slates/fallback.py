"""Stand-ins for slates while no model answers."""

import dataclasses
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping

from serving.gateway.slates.catalogue import Catalogue
from serving.may_show import find_forbidden
from serving.may_show import may_show
from serving.query import NO_SHARES
from serving.query import Constraints
from serving.query import KindShares
from serving.query import SlateItem

_MAX_SLATES = 10_000  # of users and scenarios, the last of each
_MAX_ITEMS = 200_000  # on all of them, at some 200 bytes


class Fallback:
    """A user's last good candidates, or else what is popular.

    Popularity comes from recent events; before there are any, from the model's
    answer to an empty query. Beyond 10,000 users and scenarios, or 200,000
    items, the oldest are dropped. Safe in threads.
    """

    def __init__(self, catalogue: Catalogue, max_age: float, num_popular: int):
        """Knows nothing yet.

        Args:
            catalogue: has categories and prices, for constraints.
            max_age: seconds that a user's last candidates are good for.
            num_popular: how many popular items are considered.
        """
        self._catalogue = catalogue
        self._max_age = max_age
        self._num_popular = num_popular
        self._lock = threading.Lock()
        self._last: OrderedDict[
            tuple[str, str], tuple[float, tuple[SlateItem, ...]]
        ] = OrderedDict()
        self._num_items = 0  # of all slates in `_last`
        self._cold: tuple[SlateItem, ...] = ()  # for nobody in particular

    def keep(
        self, user_id: str, scenario: str, items: tuple[SlateItem, ...]
    ) -> None:
        """Keeps the model's latest answer, without its reasons.

        Reasons belong to that request's history and need, which change.
        """
        items = tuple(
            dataclasses.replace(item, reasons=(), shares=NO_SHARES)
            for item in items
        )
        with self._lock:
            self._drop((user_id, scenario))
            self._last[user_id, scenario] = time.monotonic(), items
            self._num_items += len(items)
            while len(self._last) > _MAX_SLATES or self._num_items > _MAX_ITEMS:
                self._drop(next(iter(self._last)))

    def keep_cold(self, items: tuple[SlateItem, ...]) -> None:
        """Keeps the model's slate for unknown users."""
        with self._lock:
            self._cold = items

    def forget_user(self, user_id: str) -> None:
        """Drops a user's candidates."""
        with self._lock:
            for key in [key for key in self._last if key[0] == user_id]:
                self._drop(key)

    def find(
        self,
        user_id: str,
        scenario: str,
        popularity: Mapping[str, float],
        constraints: Constraints,
        history: frozenset[str],
    ) -> tuple[str, list[SlateItem]]:
        """Finds candidates that a request allows.

        Args:
            user_id: whose slate it is.
            scenario: where the slate is shown.
            popularity: item id to its decayed count.
            constraints: what the slate may hold.
            history: items of the user.

        Returns:
            The source ("last_known_good" or "popular"), and the candidates,
            best first; perhaps none.
        """
        with self._lock:
            kept, items = self._last.get((user_id, scenario), (None, ()))
            cold = self._cold
        forbidden = find_forbidden(constraints, history)
        if kept is not None and time.monotonic() - kept <= self._max_age:
            allowed = self._allow(items, constraints, forbidden)
            if allowed:
                return "last_known_good", allowed
        best = sorted(popularity, key=popularity.__getitem__, reverse=True)
        ids = best[: self._num_popular]
        ids += [item.item_id for item in cold if item.item_id not in popularity]
        popular = [
            SlateItem(
                item_id=item_id,
                score=1.0 / (1 + rank),
                probability=None,
                rating=None,
                shares=KindShares(popularity=1.0),
            )
            for rank, item_id in enumerate(ids)
        ]
        return "popular", self._allow(popular, constraints, forbidden)

    def _drop(self, key: tuple[str, str]) -> None:
        _, items = self._last.pop(key, (None, ()))
        self._num_items -= len(items)

    def _allow(self, items, constraints, forbidden) -> list[SlateItem]:
        return [
            item
            for item in items
            if not self._catalogue.is_hidden(item.item_id)
            and may_show(
                item.item_id,
                self._catalogue.get(item.item_id),
                constraints,
                forbidden,
            )
        ]
