"""The gateway's calls to its model server, within a fixed time."""

import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol
from typing import TypeVar

from serving.background_thread import Watch
from serving.client import RecommenderClient
from serving.gateway.upstream.check_answer import check_explanation
from serving.gateway.upstream.check_answer import check_slate
from serving.gateway.upstream.circuit_breaker import CircuitBreaker
from serving.gateway.upstream.circuit_breaker import CircuitState
from serving.gateway.upstream.model_channel import open_model_channel
from serving.gateway.upstream.model_unavailable import AWAY
from serving.gateway.upstream.model_unavailable import CIRCUIT_OPEN
from serving.gateway.upstream.model_unavailable import TOO_SLOW
from serving.gateway.upstream.model_unavailable import UNKNOWN_LABEL
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.gateway.upstream.model_unavailable import find_reason
from serving.gateway.upstream.new_items import NewItems
from serving.gateway.upstream.upstream_config import UpstreamConfig
from serving.overlay_index import NewItem
from serving.query import Constraints
from serving.query import Explanation
from serving.query import Query
from serving.query import Slate
from serving.query import VersionStatus

_UNCONSTRAINED = Constraints()
_FAILURES = {AWAY, TOO_SLOW}  # other refusals come at once: they hold up no
# thread, and the next request may be luckier

_Answer = TypeVar("_Answer")


class CallObserver(Protocol):
    """Observer of calls; `call` is a method's name."""

    def observe_upstream(self, call: str, seconds: float) -> None:
        """Times a call that was sent, answered or not."""

    def count_upstream_failure(self, call: str, reason: str) -> None:
        """Counts a call that was not answered, or not even sent."""

    def set_breaker(self, is_open: bool) -> None:
        """Tells whether calls are held back."""


class ModelConnection:
    """Calls one model, optionally by version label; safe in threads.

    Every method raises `ModelUnavailable` for what is the server's fault,
    answers that make no sense among it, within the configured time, and
    `ValueError` for what nobody may ask: routes let none of it through. All
    labels share one channel; each has a circuit breaker of its own, so that
    a slow candidate version does not silence the one that works.
    """

    def __init__(self, config: UpstreamConfig, observer: CallObserver):
        """Opens the channel; the server need not be there yet.

        Raises:
            OSError: the root certificates cannot be read.
        """
        self._config = config
        self._observer = observer
        self._client = RecommenderClient(
            config.address,
            config.model_name,
            config.slow_timeout_seconds,
            channel=open_model_channel(config),
        )
        self._new_items = NewItems(self._client, config.max_new_items)
        # Labels come from the configuration: there are few.
        self._breakers: dict[str | None, CircuitBreaker] = {}

    @property
    def watch(self) -> Watch:
        """How the encoding of new items goes in the background."""
        return self._new_items.watch

    def close(self) -> None:
        """Ends calls under way and closes the channel."""
        self._client.close()
        self._new_items.close()

    def recommend(
        self,
        query: Query,
        k: int = 10,
        constraints: Constraints = _UNCONSTRAINED,
        version_label: str | None = None,
        num_new: int = 0,
    ) -> Slate:
        """Returns the best k items, new ones included.

        Args:
            query: what is known of the user and the situation.
            k: items wanted, at least 1.
            constraints: what the slate may hold.
            version_label: label of the version to ask; None = as configured.
            num_new: of new items the best so many come after the k, unless
                they are among these.
        """

        def ask(client: RecommenderClient) -> Slate:
            overlay = self._new_items.overlay
            slate = overlay.recommend(client, query, k, constraints, num_new)[0]
            return check_slate(slate, k + num_new, len(query.item_ids))

        slate = self._ask("recommend", ask, version_label)
        self._new_items.meet(slate.model_version)
        return slate

    def explain(
        self,
        query: Query,
        item_ids: Sequence[str],
        version_label: str | None = None,
    ) -> list[Explanation]:
        """Explains scores; has `slow_timeout_seconds`.

        An unknown item has `schemas.signatures.UNKNOWN_ITEM_SCORE`.
        """

        def ask(client: RecommenderClient) -> list[Explanation]:
            found = client.explain(query, item_ids)
            for one in found:
                check_explanation(one)
            return found

        return self._ask("explain", ask, version_label, is_slow=True)

    def begin_items(self, items: Sequence[NewItem]) -> Future[list[str]]:
        """Begins to add new items to the slates of all labels, or replace them.

        Those begun first are replaced by those begun last.

        Args:
            items: the newest last.

        Returns:
            What `finish_items` waits for.
        """
        return self._new_items.begin(items)

    def finish_items(
        self, putting: Future[list[str]], items: Sequence[NewItem]
    ) -> list[str]:
        """Waits until items are in the slates of all labels.

        Args:
            putting: as of `begin_items`.
            items: likewise.

        Returns:
            Ids of the oldest new items, which had to leave for these.

        Raises:
            ModelUnavailable: they will join the slates, once encoded.
        """
        began = time.monotonic()
        is_open = self.breaker_state() is CircuitState.OPEN
        timeout = 0.0 if is_open else self._config.slow_timeout_seconds
        try:
            return self._new_items.finish(putting, items, timeout)
        except ModelUnavailable as error:
            self._observer.count_upstream_failure("put_items", error.reason)
            raise
        finally:
            self._observer.observe_upstream(
                "put_items", time.monotonic() - began
            )

    def remove_items(self, item_ids: Collection[str]) -> None:
        """Takes new items out of the slates of all labels."""
        self._new_items.remove(item_ids)

    def list_new_items(self, version: int) -> Sequence[NewItem]:
        """Lists what a version has encoded, and was not trained with."""
        return self._new_items.overlay.list_items(version)

    def list_versions(self) -> list[int]:
        """Lists the versions that new items are encoded by, by number."""
        return self._new_items.list_versions()

    def list_served(self) -> list[int]:
        """Lists the versions that answered within the last five minutes."""
        return self._new_items.list_served()

    def status(self) -> list[VersionStatus]:
        """Lists the versions of the model, highest first.

        Called even while the breaker is open: a server may be back.
        """
        client = self._client.for_request(self._config.timeout_seconds)
        try:
            return client.status()
        except (OSError, LookupError, RuntimeError, ValueError) as error:
            reason = find_reason(error) or "invalid_argument"
            raise ModelUnavailable("status", reason) from error

    def is_ready(self) -> bool:
        """Tells whether a version of the model is available."""
        try:
            return any(one.state == "AVAILABLE" for one in self.status())
        except ModelUnavailable:
            return False

    def breaker_state(self, version_label: str | None = None) -> CircuitState:
        """Tells whether calls to a label are allowed."""
        version_label = version_label or self._config.version_label
        breaker = self._breakers.get(version_label)
        return CircuitState.CLOSED if breaker is None else breaker.state

    def _ask(
        self,
        call: str,
        ask: Callable[[RecommenderClient], _Answer],
        version_label: str | None,
        is_slow: bool = False,
    ) -> _Answer:
        """Calls, unless held back; tells breaker and observer how it went."""
        version_label = version_label or self._config.version_label
        breaker = self._breakers.get(
            version_label
        ) or self._breakers.setdefault(
            version_label,
            CircuitBreaker(
                self._config.breaker_failures,
                self._config.breaker_open_seconds,
            ),
        )
        permit = breaker.admit()
        if permit is None:
            self._observer.count_upstream_failure(call, CIRCUIT_OPEN)
            raise ModelUnavailable(call, CIRCUIT_OPEN)
        timeout = (
            self._config.slow_timeout_seconds
            if is_slow
            else self._config.timeout_seconds
        )
        began = time.monotonic()
        is_success = None
        try:
            answer = self._ask_label(ask, version_label, timeout)
            is_success = True
            return answer
        except (OSError, LookupError, RuntimeError, ValueError) as error:
            reason = find_reason(error)
            if reason is None:
                raise
            if reason in _FAILURES and not (is_slow and reason == TOO_SLOW):
                is_success = False
            self._observer.count_upstream_failure(call, reason)
            raise ModelUnavailable(call, reason) from error
        finally:
            breaker.record(permit, is_success)
            self._observer.observe_upstream(call, time.monotonic() - began)
            self._observer.set_breaker(self._holds_calls_back())

    def _ask_label(
        self,
        ask: Callable[[RecommenderClient], _Answer],
        version_label: str | None,
        timeout: float,
    ) -> _Answer:
        """Asks; without a label where nobody has the configured one any more.

        `tastemaker label stable --remove` means that the newest version
        serves, for a gateway that runs already as well.
        """
        end = time.monotonic() + timeout
        try:
            return ask(self._client.for_request(timeout, version_label))
        except ValueError as error:
            is_default = version_label == self._config.version_label
            if not is_default or find_reason(error) != UNKNOWN_LABEL:
                raise
        left = max(end - time.monotonic(), 0.0)
        return ask(self._client.for_request(left))

    def _holds_calls_back(self) -> bool:
        return any(
            breaker.state is CircuitState.OPEN
            for breaker in tuple(self._breakers.values())
        )
