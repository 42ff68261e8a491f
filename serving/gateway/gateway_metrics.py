"""Counts and times of the gateway, for Prometheus. No ids in any label."""

from prometheus_client import CollectorRegistry
from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram
from prometheus_client import generate_latest

_PREFIX = "tastemaker_gateway"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class GatewayMetrics:
    """All series of one gateway.

    Labels take values of the configuration only: no caller can make new ones.
    """

    def __init__(self):
        self.registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}_requests",
            "Requests by route, method and status",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            f"{_PREFIX}_request_seconds",
            "Time until the answer, by route",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._upstream_seconds = Histogram(
            f"{_PREFIX}_upstream_seconds",
            "Time until the model server answers, by call",
            ["call"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._upstream_failures = Counter(
            f"{_PREFIX}_upstream_failures",
            "Calls that the model server did not answer, by call and reason",
            ["call", "reason"],
            registry=self.registry,
        )
        self._breaker = Gauge(
            f"{_PREFIX}_breaker_open",
            "1 while the model server is not asked",
            registry=self.registry,
        )
        self._slates = Counter(
            f"{_PREFIX}_slates",
            "Slates by what made them",
            ["source", "policy"],
            registry=self.registry,
        )
        self._events = Counter(
            f"{_PREFIX}_events", "Events kept", registry=self.registry
        )
        self._feedback = Counter(
            f"{_PREFIX}_feedback",
            "Feedback kept, by kind",
            ["kind"],
            registry=self.registry,
        )
        self._lost = Counter(
            f"{_PREFIX}_exposures_lost",
            "Slates shown that the log did not take",
            registry=self.registry,
        )
        self._unread = Counter(
            f"{_PREFIX}_unread_histories",
            "Slates made without the user's history: no answer from the state",
            registry=self.registry,
        )
        self._pending = Gauge(
            f"{_PREFIX}_pending_slates",
            "Slates that wait for feedback",
            registry=self.registry,
        )
        self._weights = Gauge(
            f"{_PREFIX}_blend_weight",
            "What a policy's blend has learnt",
            ["policy", "scenario", "feature"],
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
        """Notes whether the model server is asked at all."""
        self._breaker.set(is_open)

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
        """Counts a slate that was shown and is not in the log."""
        self._lost.inc()

    def count_unread_history(self) -> None:
        """Counts a slate that was made as for a stranger."""
        self._unread.inc()

    def set_pending(self, count: int) -> None:
        """Notes how many slates wait."""
        self._pending.set(count)

    def set_weights(
        self, policy: str, scenario: str, weights: dict[str, float]
    ) -> None:
        """Notes what a blend weighs features by."""
        for feature, weight in weights.items():
            self._weights.labels(policy, scenario, feature).set(weight)

    def render(self) -> bytes:
        """Returns the page that Prometheus reads."""
        return generate_latest(self.registry)
