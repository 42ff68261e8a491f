"""Encodes items that the served model was not trained with."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from schemas import signatures
from serving.background_thread import Watch
from serving.client import RecommenderClient
from serving.gateway.upstream.circuit_breaker import CircuitBreaker
from serving.gateway.upstream.model_unavailable import BAD_ANSWER
from serving.gateway.upstream.model_unavailable import TOO_SLOW
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.gateway.upstream.model_unavailable import find_reason
from serving.overlay import Overlay
from serving.overlay_index import NewItem
from serving.query import Query

_logger = logging.getLogger(__name__)
_NUM_VERSIONS = 4  # two labels, each of which may just move on
_RETRY_SECONDS = 1.0  # after the server did not encode
_LATELY_SECONDS = 300.0  # a version that answered since then is served
_LOOK_UP_BATCH = 1000  # ids a call
_CALL = "encode_items"

_Answer = TypeVar("_Answer")


class NewItems:
    """Keeps an overlay encoded by the versions in use; safe in threads.

    A new version needs longer for thousands of items than a slate may wait, so
    one thread encodes in the background. Until it is done slates hold the items
    that are encoded.

    Attributes:
        overlay: whose `recommend` merges the items into slates.
        watch: how the encoding beside the traffic goes.
    """

    def __init__(
        self,
        client: RecommenderClient,
        max_items: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        """Begins without items.

        Args:
            client: of the server, with the time that encoding may take.
            max_items: beyond them the oldest leave.
            clock: seconds that never go back.
        """
        self.overlay = Overlay(
            max_items, _NUM_VERSIONS, encodes_on_demand=False
        )
        self.watch = Watch("new-items")
        self._client = client
        self._clock = clock
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="new-items")
        self._breaker = CircuitBreaker(1, _RETRY_SECONDS)
        self._lock = threading.Lock()  # guards all below
        # When each version answered last; the newest answer last.
        self._versions: OrderedDict[int, float] = OrderedDict()
        self._is_scheduled = False
        self._removed: set[str] = set()  # and not put again since

    def begin(self, items: Sequence[NewItem]) -> Future[list[str]]:
        """Begins to add or replace items, in the order of these calls.

        Items that every version in use was trained with take no place: a
        shop that updates its stock must not drive its newcomers out. While
        the server does not tell, all do. A later version may know less, so
        that all that may be new is to be put again when versions change.

        Args:
            items: the newest last.

        Returns:
            What `finish` waits for.
        """
        with self._lock:
            self._removed.difference_update(item.item_id for item in items)
        return self._worker.submit(self._put, items)

    def finish(
        self,
        putting: Future[list[str]],
        items: Sequence[NewItem],
        timeout: float,
    ) -> list[str]:
        """Waits until items are encoded.

        Args:
            putting: as of `begin`.
            items: likewise.
            timeout: seconds to wait; 0 does not ask at all.

        Returns:
            Ids of the oldest items, which had to leave for these.

        Raises:
            ModelUnavailable: they are held, perhaps in place of older ones,
                and will be encoded once the server does.
        """
        try:
            return putting.result(timeout)
        except TimeoutError as error:
            putting.cancel()
            self._add(items)
            raise ModelUnavailable(_CALL, TOO_SLOW) from error

    def remove(self, item_ids: Collection[str]) -> None:
        """Takes items out of all slates; ids that are not held are fine.

        Those that wait to be put are not put any more.
        """
        with self._lock:
            self._removed.update(item_ids)
            held = [i for i in item_ids if self.overlay.get(i) is not None]
            if held:
                self.overlay.remove(held)

    def list_versions(self) -> list[int]:
        """Lists the versions in use, in their order."""
        with self._lock:
            return sorted(self._versions)

    def list_served(self) -> list[int]:
        """Lists the versions that answered within the last five minutes."""
        since = self._clock() - _LATELY_SECONDS
        with self._lock:
            return sorted(v for v, at in self._versions.items() if at >= since)

    def meet(self, version: int) -> None:
        """Records that a version answers; has it encode missing items."""
        with self._lock:
            self._note(version)
            if self._is_scheduled or self.overlay.is_current(version):
                return
            permit = self._breaker.admit()
            if permit is None:
                return
            self._is_scheduled = True
        self._worker.submit(self._encode_in_background, permit)

    def close(self) -> None:
        """Waits for the encoding under way; starts none."""
        self._worker.shutdown(cancel_futures=True)

    def _add(self, items: Sequence[NewItem]) -> list[str]:
        """Adds those that were not removed since; returns who had to leave."""
        with self._lock:
            return self.overlay.add(
                [item for item in items if item.item_id not in self._removed]
            )

    def _encode_in_background(self, permit: int) -> None:
        is_success = False
        with self.watch:
            try:
                self._encode()
                is_success = True
            except ModelUnavailable as error:
                _logger.warning("New items wait: %s", error)
        with self._lock:
            self._is_scheduled = False
        self._breaker.record(permit, is_success)

    def _put(self, items: Sequence[NewItem]) -> list[str]:
        try:
            known = self._find_known(items)
        except ModelUnavailable:
            self._add(items)
            raise
        held = [i for i in known if self.overlay.get(i) is not None]
        self.overlay.remove(held)
        gone = self._add([i for i in items if i.item_id not in known])
        self._encode()
        self.watch.note_success()
        return gone

    def _find_known(self, items: Sequence[NewItem]) -> set[str]:
        """Finds the ids that every version in use has in its catalogue."""
        ids = [item.item_id for item in items]
        found = self._ask_each(lambda version: self._list_known(ids, version))
        return set.intersection(*found)

    def _list_known(self, item_ids: Sequence[str], version: int) -> set[str]:
        known = set()
        for start in range(0, len(item_ids), _LOOK_UP_BATCH):
            batch = item_ids[start : start + _LOOK_UP_BATCH]
            (slate,) = self._client.rank(Query(), batch, version)
            known |= {
                item.item_id
                for item in slate.items
                if item.score > signatures.UNKNOWN_ITEM_SCORE
            }
        return known

    def _encode(self) -> None:
        self._ask_each(
            lambda version: self.overlay.refresh(self._client, version)
        )

    def _ask_each(self, ask: Callable[[int], _Answer]) -> list[_Answer]:
        """Asks each version in use; one that fails stops no other.

        Raises:
            ModelUnavailable: one failed, or no version is there.
        """
        answers, problems = [], []
        for version in self.list_versions():
            try:
                answers.append(ask(version))
            except LookupError:
                with self._lock:
                    self._versions.pop(version, None)
            except (OSError, RuntimeError, ValueError) as error:
                problems.append(error)
        if not answers and not problems:
            # No slate so far, or all versions have left.
            try:
                slates = self._client.recommend(Query(), 1)
                version = slates[0].model_version
                answers.append(ask(version))
                with self._lock:
                    self._note(version)
            except (OSError, LookupError, RuntimeError, ValueError) as error:
                problems.append(error)
        for problem in problems:
            reason = find_reason(problem) or BAD_ANSWER
            raise ModelUnavailable(_CALL, reason) from problem
        return answers

    def _note(self, version: int) -> None:
        self._versions[version] = self._clock()
        self._versions.move_to_end(version)
        while len(self._versions) > _NUM_VERSIONS:
            self._versions.popitem(last=False)
