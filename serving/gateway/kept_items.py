"""The items that came to the gateway: kept, shown, and told to the model."""

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.upstream.model_connection import ModelConnection
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.overlay_index import NewItem

_logger = logging.getLogger(__name__)
_OFFER_SECONDS = 10.0  # between two times that all items are put again
_PAUSE_SECONDS = 2.0  # after the state did not answer
_MAX_TRIES = 20  # to change an item faster than others do


@dataclass(frozen=True, kw_only=True)
class _Encoding:
    """Items that the model was told of, and its answer to come."""

    items: Sequence[NewItem]
    putting: Future[list[str]]


class KeptItems:
    """Puts, changes and deletes items, also of the model's own catalogue.

    The state has the items, so that all gateways on it know them: each takes
    up what the others have put. A deleted item is kept there as deleted. Of two
    calls at once the one that is kept last is also shown last.
    """

    def __init__(
        self,
        store: BehaviorStore,
        catalogue: Catalogue,
        connection: ModelConnection,
        tell_dropped: Callable[[str, int], None],
    ):
        """Knows no item yet: call `tend`.

        Args:
            store: where items are kept.
            catalogue: what is shown of them.
            connection: to the model, which encodes new ones.
            tell_dropped: takes "items", and how many had to leave the state.
        """
        self._store = store
        self._catalogue = catalogue
        self._connection = connection
        self._tell_dropped = tell_dropped
        self._ordering = threading.Lock()  # held from the state's answer until
        # slates show it; not while the model encodes
        self._offered_to: list[int] | None = None  # versions that were told
        # of all items that the state keeps; None = none, or not of all
        self._offer_at = 0.0  # by time.monotonic
        self._newest = 0  # number of the last item taken up
        self._ask_at = 0.0  # by time.monotonic

    def put(self, items: Sequence[ItemFacts]) -> tuple[bool, int]:
        """Stores items, and has the model encode those that are new to it.

        Returns:
            Whether slates can hold them from now on and no other new item
            had to leave. Without a model server they can as soon as it is
            back. And how many items had to leave the state for these.

        Raises:
            OSError: they could not be kept.
        """
        with self._ordering:
            dropped = self._store.put_items(items)
            encoding = self._take_up(items)
        self._tell_dropped("items", dropped)
        return self._wait_for(encoding), dropped

    def find(self, item_id: str) -> ItemFacts | None:
        """Returns an item as all gateways know it; None = there is none.

        Raises:
            OSError: the state does not answer.
        """
        return self._find(item_id)[1]

    def change(
        self, item_id: str, changes: Mapping[str, object]
    ) -> ItemFacts | None:
        """Changes some facts of an item, and keeps the others.

        Of two gateways that change different facts at once both are kept.

        Args:
            item_id: of an item that came here, or is of the catalogue.
            changes: fact by its name in `ItemFacts`.

        Returns:
            The item as it is now; None = there is none.

        Raises:
            OSError: it could not be kept.
        """
        for _ in range(_MAX_TRIES):
            number, item = self._find(item_id)
            if item is None:
                return None
            changed = dataclasses.replace(item, **changes)
            with self._ordering:
                dropped = self._store.replace_item(number, changed)
                if dropped is None:
                    continue
                encoding = self._take_up([changed])
            self._tell_dropped("items", dropped)
            self._wait_for(encoding)
            return changed
        raise OSError(
            "An item must be changed by few at once. Received: "
            f"{_MAX_TRIES} changes by others meanwhile."
        )

    def delete(self, item_id: str) -> ItemFacts | None:
        """Takes an item out of slates, search and similar items.

        It comes back when it is put again. Its facts stay in the state, and in
        the spans: the model still learns from what people did with it.

        Returns:
            What it was; None = there is no such item.

        Raises:
            OSError: it could not be kept.
        """
        return self.change(item_id, {"is_deleted": True})

    def tend(self) -> None:
        """Takes up the items that the state keeps, whoever put them.

        Call it often, from one thread: so long do others' changes take.
        """
        if time.monotonic() < self._ask_at:
            return
        try:
            self._take_up_others()
        except OSError as error:
            self._ask_at = time.monotonic() + _PAUSE_SECONDS
            _logger.warning("The state does not answer: %s", error)

    def _find(self, item_id: str) -> tuple[int, ItemFacts | None]:
        number, item = self._store.find_item(item_id)
        if item is None:
            item = self._catalogue.get(item_id)
        return number, None if item is None or item.is_deleted else item

    def _take_up_others(self) -> None:
        """Takes up what other gateways have put; at times, all items again.

        A version may lack items that others know.
        """
        with self._ordering:
            newest = self._store.find_newest_item()
            is_offer = (
                self._offered_to != self._connection.list_versions()
                and time.monotonic() >= self._offer_at
            )
            if not is_offer and newest == self._newest:
                return
            knows_all = not is_offer and newest > self._newest  # or a new state
            kept = self._store.list_items(self._newest if knows_all else 0)
            self._newest = newest
            if is_offer:
                self._offer_at = time.monotonic() + _OFFER_SECONDS
                self._offered_to = []
            encoding = self._take_up(kept)
        self._wait_for(encoding)
        if is_offer and self._offered_to is not None:
            self._offered_to = self._connection.list_versions()

    def _take_up(self, items: Sequence[ItemFacts]) -> _Encoding | None:
        """Shows items as they are now; None = the model need not be told."""
        self._catalogue.put(items)
        self._connection.remove_items(
            [item.item_id for item in items if item.is_hidden]
        )
        new = [_build_new(item) for item in items if not item.is_hidden]
        if not new:
            return None
        putting = self._connection.begin_items(new)
        return _Encoding(items=new, putting=putting)

    def _wait_for(self, encoding: _Encoding | None) -> bool:
        """Waits for the model; False = it has not all items yet."""
        if encoding is None:
            return True
        try:
            return not self._connection.finish_items(
                encoding.putting, encoding.items
            )
        except ModelUnavailable:
            # Held, perhaps in place of others that are newer to the model.
            self._offered_to = None
            return False


def _build_new(item: ItemFacts) -> NewItem:
    return NewItem(
        item_id=item.item_id,
        title=item.title,
        description=item.description,
        categories=item.categories,
        price=item.price,
        created_at=item.created_at,
    )
