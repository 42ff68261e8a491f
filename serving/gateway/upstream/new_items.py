"""Items that the served model was not trained with, encoded in time."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

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
_CALL = "encode_items"


class NewItems:
    """Keeps an overlay encoded by the versions in use; safe in threads.

    Thousands of items take a new version longer than any slate may wait, so
    that one thread encodes beside the traffic. Until it is done slates hold
    what is encoded already.

    Attributes:
        overlay: whose `recommend` merges the items into slates.
    """

    def __init__(self, client: RecommenderClient, max_items: int):
        """Begins without items.

        Args:
            client: of the server, with the time that encoding may take.
            max_items: beyond them the oldest leave.
        """
        self.overlay = Overlay(
            max_items, _NUM_VERSIONS, encodes_on_demand=False
        )
        self._client = client
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="new-items")
        self._breaker = CircuitBreaker(1, _RETRY_SECONDS)
        self._lock = threading.Lock()  # guards the two below
        self._versions: OrderedDict[int, None] = OrderedDict()  # newest last
        self._is_scheduled = False

    def put(self, items: Sequence[NewItem], timeout: float) -> list[str]:
        """Adds or replaces items, and waits until they are encoded.

        Args:
            items: the newest last.
            timeout: seconds to wait; 0 does not ask at all.

        Returns:
            Ids of the oldest items, which had to leave for these.

        Raises:
            ModelUnavailable: they are held, and will be encoded once the
                server does.
        """
        gone = self.overlay.add(items)
        encoding = self._worker.submit(self._encode)
        try:
            encoding.result(timeout)
        except TimeoutError as error:
            encoding.cancel()
            raise ModelUnavailable(_CALL, TOO_SLOW) from error
        return gone

    def meet(self, version: int) -> None:
        """Notes that a version answers; has it encode what it has not."""
        with self._lock:
            self._versions[version] = None
            self._versions.move_to_end(version)
            while len(self._versions) > _NUM_VERSIONS:
                self._versions.popitem(last=False)
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

    def _encode_in_background(self, permit: int) -> None:
        is_success = False
        try:
            self._encode()
            is_success = True
        except ModelUnavailable as error:
            _logger.warning("New items wait: %s", error)
        finally:
            with self._lock:
                self._is_scheduled = False
            self._breaker.record(permit, is_success)

    def _encode(self) -> None:
        """Lets each version in use encode; one that fails stops no other."""
        with self._lock:
            versions = list(self._versions)
        problems = [self._refresh(version) for version in versions]
        problems = [p for p in problems if not isinstance(p, LookupError)]
        if not problems:  # no slate so far, or all versions have left
            problems = [self._refresh(None)]
        for problem in filter(None, problems):
            reason = find_reason(problem) or BAD_ANSWER
            raise ModelUnavailable(_CALL, reason) from problem

    def _refresh(self, version: int | None) -> Exception | None:
        """Returns what went wrong; None stands for the latest version."""
        try:
            if version is None:
                slates = self._client.recommend(Query(), 1)
                version = slates[0].model_version
            self.overlay.refresh(self._client, version)
        except (OSError, LookupError, RuntimeError, ValueError) as error:
            if isinstance(error, LookupError):
                with self._lock:
                    self._versions.pop(version, None)
            return error
        return None
