"""New items in the slates of a model that was trained without them."""

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Sequence

from serving.client import RecommenderClient
from serving.overlay_index import NewItem
from serving.overlay_index import OverlayIndex
from serving.query import Constraints
from serving.query import Query
from serving.query import Slate

_ENCODE_BATCH = 32  # titles a call, so that no call takes long
_NUM_ATTEMPTS = 3  # each fails only if a version left between two calls


class Overlay:
    """Merges new items into what `recommend` answers; safe in threads.

    The index of a stock server cannot grow, but `encode_items` turns the text
    of a new item into a vector. Its dot product with `encode_query` has the
    scale of the slate's scores, so that the item can be sorted in. Vectors
    belong to one version of the model. When the server moves to another
    version, one request encodes the items again, and requests that come
    meanwhile get the model's own slate. An item that a version has in its own
    catalogue is left to the model.

    An application whose requests must not wait for that calls `refresh` in the
    background; `recommend` then uses the items that are encoded already.

    A slate costs one more round trip, or none while no new item is allowed.
    New items have no probability and no rating: both are None. What brings
    them forward is the history or the need, by their vectors.
    """

    def __init__(
        self,
        max_items: int = 1000,
        num_versions: int = 2,
        encodes_on_demand: bool = True,
    ):
        """Holds nothing yet.

        Args:
            max_items: the most items held; beyond it the oldest are removed.
            num_versions: versions whose vectors are kept; while a server
                swaps, two answer for each label that is asked.
            encodes_on_demand: whether `recommend` encodes what is missing;
                otherwise only `refresh` does.
        """
        if max_items < 1:
            raise ValueError(
                f"`max_items` must be at least 1. Received: {max_items}."
            )
        self._max_items = max_items
        self._num_versions = num_versions
        self._encodes_on_demand = encodes_on_demand
        self._lock = threading.Lock()  # guards the three below; held briefly
        self._items: OrderedDict[str, NewItem] = OrderedDict()
        self._generation = 0  # rises with every change of the items
        # Version to its index, and the generation that it was built from.
        self._indexes: OrderedDict[int, tuple[OverlayIndex, int]] = (
            OrderedDict()
        )
        self._building = threading.Lock()  # held while items are encoded

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: str) -> NewItem | None:
        """Returns an item that is held, or None."""
        with self._lock:
            return self._items.get(item_id)

    def is_current(self, version: int) -> bool:
        """Tells whether a version has encoded all items that are held."""
        with self._lock:
            _, generation = self._indexes.get(version, (None, -1))
            return not self._items or generation == self._generation

    def list_items(self, version: int) -> Sequence[NewItem]:
        """Lists what a version has encoded, without what it knows itself."""
        index, wanted, is_current = self._look_up(version)
        return index.items if is_current else index.keep(wanted).items

    def add(self, items: Sequence[NewItem]) -> list[str]:
        """Adds items, or replaces those of the same id.

        They are encoded by the next `refresh` or `recommend`.

        Args:
            items: the newest last.

        Returns:
            Ids of the oldest items, which were removed for these.
        """
        with self._lock:
            for item in items:
                self._items.pop(item.item_id, None)
                self._items[item.item_id] = item
            self._generation += 1
            surplus = max(0, len(self._items) - self._max_items)
            return [self._items.popitem(last=False)[0] for _ in range(surplus)]

    def remove(self, item_ids: Sequence[str]) -> None:
        """Forgets items; ids that are not held are fine."""
        with self._lock:
            for item_id in item_ids:
                self._items.pop(item_id, None)
            self._generation += 1

    def refresh(self, client: RecommenderClient, version: int) -> None:
        """Encodes what a version has not encoded yet, ahead of traffic.

        Args:
            client: of the server.
            version: the version that will be asked.

        Raises:
            LookupError: the server does not have that version.
            ValueError: the version encodes an item as NaN or infinity.
        """
        with self._building:
            self._build_index(client, version)

    def recommend(
        self,
        client: RecommenderClient,
        query: Query | Sequence[Query],
        k: int = 10,
        constraints: Constraints | Sequence[Constraints] | None = None,
        num_new: int = 0,
    ) -> list[Slate]:
        """Answers like `client.recommend`, new items among the others.

        Args:
            client: of the server.
            query: one query or several.
            k: items wanted, at least 1.
            constraints: for all queries, or one per query; they hold for new
                items as they do for the catalogue.
            num_new: the best so many new items come after the k, unless they
                are among these.

        Returns:
            One slate per query, by falling score.

        Raises:
            LookupError: versions leave faster than two calls can be made.
            ValueError: as of `refresh`.
        """
        queries = [query] if isinstance(query, Query) else list(query)
        if constraints is None or isinstance(constraints, Constraints):
            constraints = [constraints or Constraints()] * len(queries)
        attempt = 1
        while True:
            slates = client.recommend(queries, k, constraints)
            try:
                return self._merge(
                    client, queries, constraints, (k, num_new), slates
                )
            except LookupError:  # that version was unloaded since
                if attempt == _NUM_ATTEMPTS:
                    raise
            attempt += 1

    def _merge(self, client, queries, constraints, sizes, slates):
        version = slates[0].model_version
        index = self._find_index(client, version)
        allowed = [
            index.list_allowed(*pair)
            for pair in zip(queries, constraints, strict=True)
        ]
        if not any(allowed):
            return slates
        embeddings, means = client.encode_query_parts(queries, version)
        if means is None:
            means = [None] * len(queries)
        return [
            _merge_slate(slate, index.score(*one), *sizes)
            for slate, *one in zip(
                slates, allowed, queries, embeddings, means, strict=True
            )
        ]

    def _find_index(self, client, version) -> OverlayIndex:
        """Returns the index of a version, up to date if that costs no wait.

        The first caller that finds it out of date updates it; other threads do
        not wait for that.
        """
        index, wanted, is_current = self._look_up(version)
        if is_current:
            return index
        may_build = wanted and self._encodes_on_demand
        if may_build and self._building.acquire(blocking=False):
            try:
                return self._build_index(client, version)
            finally:
                self._building.release()
        return index.keep(wanted)

    def _look_up(self, version):
        """Returns a version's index, the items, and whether they agree."""
        with self._lock:
            if version in self._indexes:
                self._indexes.move_to_end(version)
            index, generation = self._indexes.get(
                version, (OverlayIndex(version), -1)
            )
            wanted = tuple(self._items.values())
            return index, wanted, generation == self._generation

    def _build_index(self, client, version) -> OverlayIndex:
        """Encodes missing items; one thread at a time."""
        with self._lock:
            generation = self._generation
        # Items added from here on belong to a later generation.
        index, wanted, _ = self._look_up(version)
        index = index.keep(wanted)
        missing = index.list_missing(wanted)
        for start in range(0, len(missing), _ENCODE_BATCH):
            batch = missing[start : start + _ENCODE_BATCH]
            index = index.extend(client, batch)
        with self._lock:
            self._indexes[version] = index, generation
            self._indexes.move_to_end(version)
            while len(self._indexes) > self._num_versions:
                self._indexes.popitem(last=False)
        return index


def _merge_slate(slate, new, k, num_new):
    """Sorts new items in; at equal scores the model's own come first."""
    merged = sorted([*slate.items, *new], key=lambda item: -item.score)
    ids = {item.item_id for item in new}
    rest = [item for item in merged[k:] if item.item_id in ids]
    num_met = sum(item.item_id in ids for item in merged[:k])
    added = rest[: max(0, num_new - num_met)]
    return dataclasses.replace(slate, items=(*merged[:k], *added))
