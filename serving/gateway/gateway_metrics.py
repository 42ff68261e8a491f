"""Counts and times of the gateway, for Prometheus. No ids in any label."""

from collections.abc import Iterable
from collections.abc import Mapping

from prometheus_client import CollectorRegistry
from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram
from prometheus_client import generate_latest

from serving.gateway.ranking.new_item_budget import STATES

_PREFIX = "tastemaker_gateway"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class GatewayMetrics:
    """The metrics of one gateway.

    Labels take values of the configuration only: no caller can make new ones.
    """

    def __init__(self):
        self.registry = CollectorRegistry()
        self._requests = self._count(
            "requests",
            "Requests by route, method and status",
            "route",
            "method",
            "status",
        )
        self._seconds = self._time(
            "request_seconds", "Time until the answer, by route", "route"
        )
        self._upstream_seconds = self._time(
            "upstream_seconds",
            "Time until the model server answers, by call",
            "call",
        )
        self._upstream_failures = self._count(
            "upstream_failures",
            "Calls that the model server did not answer, by call and reason",
            "call",
            "reason",
        )
        self._breaker = self._gauge(
            "breaker_open", "1 while the model server is not asked"
        )
        self._served = self._gauge(
            "served_version",
            "1 for each version that answered lately",
            "version",
        )
        self._slates = self._count(
            "slates", "Slates by what made them", "source", "policy"
        )
        self._events = self._count("events", "Events kept")
        self._feedback = self._count("feedback", "Feedback, by kind", "kind")
        self._lost = self._count(
            "exposures_lost", "Slates shown that the log did not take"
        )
        self._unread = self._count(
            "unread_histories",
            "Slates made without the user's history: no answer from the state",
        )
        self._pending = self._gauge(
            "pending_slates", "Slates that wait for feedback"
        )
        self._live_log = self._gauge(
            "live_log_bytes", "Size of what was logged since the last span"
        )
        self._lacking = self._gauge(
            "span_lacks_tables", "1 while the newest span lacks new items"
        )
        self._dropped = self._count("state_dropped", "Beyond a limit", "kind")
        self._failing = self._gauge(
            "thread_failing",
            "1 while what a thread does in the background fails",
            "thread",
        )
        self._add_learnt()

    def _add_learnt(self) -> None:
        """Adds what shows what policies have learnt."""
        self._weights = self._gauge(
            "blend_weight",
            "What a policy's blend has learnt",
            "policy",
            "scenario",
            "feature",
        )
        self._new_items = self._gauge(
            "new_items", "New items by what a policy knows", "policy", "state"
        )
        self._new_item_shows = self._gauge(
            "new_item_shows", "Places of slates that new items had"
        )

    def _count(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(
            f"{_PREFIX}_{name}", text, labels, registry=self.registry
        )

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        full = f"{_PREFIX}_{name}"
        return Gauge(full, text, labels, registry=self.registry)

    def _time(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(
            f"{_PREFIX}_{name}",
            text,
            labels,
            buckets=_SECONDS,
            registry=self.registry,
        )

    def observe_request(
        self, route: str, method: str, status: int, seconds: float
    ) -> None:
        """Counts an answer; `route` is the template, not the path."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def observe_upstream(self, call: str, seconds: float) -> None:
        """Times one call to the model server, answered or not."""
        self._upstream_seconds.labels(call).observe(seconds)

    def count_upstream_failure(self, call: str, reason: str) -> None:
        """Counts a call that was not answered."""
        self._upstream_failures.labels(call, reason).inc()

    def set_breaker(self, is_open: bool) -> None:
        """Records whether the model server is called."""
        self._breaker.set(is_open)

    def set_served(self, versions: Iterable[int]) -> None:
        """Records which versions of the model answered lately."""
        self._served.clear()
        for version in versions:
            self._served.labels(str(version)).set(1)

    def count_slate(self, source: str, policy: str) -> None:
        """Counts a slate."""
        self._slates.labels(source, policy).inc()

    def count_events(self, count: int) -> None:
        """Counts events that were kept."""
        self._events.inc(count)

    def count_feedback(self, kind: str) -> None:
        """Counts feedback; `kind` is a key of the configuration."""
        self._feedback.labels(kind).inc()

    def count_lost_exposure(self) -> None:
        """Counts a slate that was shown but is not in the log."""
        self._lost.inc()

    def count_unread_history(self) -> None:
        """Counts a slate that was made without the user's history."""
        self._unread.inc()

    def set_pending(self, count: int) -> None:
        """Records how many slates wait."""
        self._pending.set(count)

    def set_live_log(self, size: int) -> None:
        """Records how many bytes the open span holds."""
        self._live_log.set(size)

    def set_lacking(self, is_lacking: bool) -> None:
        """Records whether the newest span lacks new items and profiles."""
        self._lacking.set(is_lacking)

    def count_dropped(self, kind: str, count: int) -> None:
        """Counts `items` or `profiles` that had to leave the state."""
        self._dropped.labels(kind).inc(count)

    def set_failing(self, thread: str, is_failing: bool) -> None:
        """Notes whether a background thread's work fails."""
        self._failing.labels(thread).set(is_failing)

    def set_weights(
        self, policy: str, scenario: str, weights: dict[str, float]
    ) -> None:
        """Records the weights of a blend.

        Args:
            policy: a key of the configuration.
            scenario: likewise, or "".
            weights: by feature.
        """
        for feature, weight in weights.items():
            self._weights.labels(policy, scenario, feature).set(weight)

    def set_new_items(self, policy: str, told: Mapping[str, int]) -> None:
        """Records what is known of new items.

        Args:
            policy: a key of the configuration.
            told: as of `NewItemBudget.describe`.
        """
        for state in STATES:
            self._new_items.labels(policy, state).set(told[state])
        self._new_item_shows.set(told["shows"])

    def render(self) -> bytes:
        """Returns the metrics page for Prometheus."""
        return generate_latest(self.registry)
