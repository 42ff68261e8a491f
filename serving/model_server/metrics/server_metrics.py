"""Counts and times of the server, and the page that Prometheus reads.

Source: tensorflow_serving/servables/tensorflow/util.cc (SERVING rules O-03 to
O-07). Two differences: names of models that are not served count under
`_unknown_` (TF Serving keeps one series for every name that a caller invents),
and a value equal to a bound counts below it.
"""

import bisect
import itertools
import threading
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from serving.model_server.metrics.prometheus_page import render_histogram
from serving.model_server.metrics.prometheus_page import render_number
from serving.model_server.metrics.prometheus_page import render_type

_PREFIX = "/tensorflow/serving/"
REQUEST_COUNT = _PREFIX + "request_count"
REQUEST_LATENCY = _PREFIX + "request_latency"
RUNTIME_LATENCY = _PREFIX + "runtime_latency"
# TensorFlow's own (cc/saved_model/loader.cc), which TF Serving shows too.
LOAD_ATTEMPT_COUNT = "/tensorflow/cc/saved_model/load_attempt_count"
SERVED_VERSION = "/tastemaker/model_server/served_version"  # ours

UNKNOWN_MODEL = "_unknown_"
_OVERFLOW = "_other_"

# Buckets::Exponential of TensorFlow's monitoring: microseconds up to some 25
# minutes; sizes and counts up to 16,384.
_LATENCY_BOUNDS = tuple(
    itertools.accumulate([10.0] + [1.8] * 32, lambda bound, f: bound * f)
)
_SIZE_BOUNDS = tuple(float(2**power) for power in range(15))

_Labels = tuple[str, ...]


class _Histogram:
    """How many values fell below each bound, not cumulated."""

    def __init__(self, bounds: Sequence[float]):
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last has no bound
        self.total = 0.0

    def add(self, value: float) -> None:
        # A value on a bound is below it, as `le` means in Prometheus.
        self.counts[bisect.bisect_left(self.bounds, value)] += 1
        self.total += value


class _Metric:
    """All series of one name, by the values of their labels."""

    def __init__(self, name: str, kind: str, label_names: _Labels):
        self.name = name
        self.kind = kind
        self.label_names = label_names
        self.series: dict[_Labels, float | _Histogram] = {}

    def choose_key(self, labels: Mapping[str, str], limit: int) -> _Labels:
        if len(labels) != len(self.label_names):
            raise self._wrong_labels(labels)
        try:
            key = tuple(labels[name] for name in self.label_names)
        except KeyError as error:
            raise self._wrong_labels(labels) from error
        if key in self.series or len(self.series) < limit:
            return key
        return (_OVERFLOW,) * len(key)

    def render(self) -> list[str]:
        lines = [render_type(self.name, self.kind)]
        for key, value in self.series.items():
            labels = dict(zip(self.label_names, key, strict=True))
            if isinstance(value, _Histogram):
                lines += render_histogram(
                    self.name, labels, value.bounds, value.counts, value.total
                )
            else:
                lines.append(render_number(self.name, labels, value))
        return lines

    def _wrong_labels(self, labels: Mapping[str, str]) -> ValueError:
        return ValueError(
            f"`{self.name}` must have the labels {list(self.label_names)} "
            f"each time. Received: {list(labels)}."
        )


class ServerMetrics:
    """Counters and histograms of one server; safe to use from many threads.

    A name that starts with "/" or ":" is whole, any other one is meant below
    `/tensorflow/serving/`. The first use of a name fixes its labels and
    their order. No caller can make the page grow without limit: invented model
    names share one series, and a name has at most `max_num_series`; later ones
    are added up with `_other_` in every label.
    """

    def __init__(
        self,
        known_models: Container[str] | None = None,
        max_num_series: int = 1000,
        list_served: Callable[[], Iterable[tuple[str, int]]] = tuple,
    ):
        """Begins with the metrics that every server has.

        Args:
            known_models: names that may become a label, looked up at each
                call, so that a mapping of the served models stays current;
                None takes every name.
            max_num_series: limit of series for each name.
            list_served: returns name and number of each version that is
                available, for the page.
        """
        self._list_served = list_served
        self._known_models = known_models
        self._max_num_series = max_num_series
        self._lock = threading.Lock()
        self._metrics: dict[str, _Metric] = {}
        for name, kind, labels in (
            (REQUEST_COUNT, "counter", ("model_name", "status")),
            (REQUEST_LATENCY, "histogram", ("model_name", "API", "entrypoint")),
            (RUNTIME_LATENCY, "histogram", ("model_name", "API", "runtime")),
            (LOAD_ATTEMPT_COUNT, "counter", ("model_path", "status")),
        ):
            self._metrics[name] = _Metric(name, kind, labels)

    def count_request(self, model_name: str, status: str) -> None:
        """Counts one answered request.

        Args:
            model_name: the name the caller asked for, "" if none.
            status: name of the status code, "OK" included.
        """
        labels = {"model_name": self._label(model_name), "status": status}
        self.count(REQUEST_COUNT, labels)

    def observe_request_latency(
        self, model_name: str, api: str, entrypoint: str, microseconds: float
    ) -> None:
        """Adds the whole time of one successful request.

        Args:
            model_name: the name the caller asked for.
            api: `Predict` over gRPC, `predict` over REST.
            entrypoint: `GRPC` or `REST`.
            microseconds: wall time.
        """
        labels = {
            "model_name": self._label(model_name),
            "API": api,
            "entrypoint": entrypoint,
        }
        self.observe(REQUEST_LATENCY, labels, microseconds)

    def observe_runtime_latency(
        self, model_name: str, api: str, runtime: str, microseconds: float
    ) -> None:
        """Adds the time that TensorFlow took within one request.

        Args:
            model_name: the name the caller asked for.
            api: `Predict`, `Classify`, `Regress` or `MultiInference`.
            runtime: `TF1`.
            microseconds: wall time.
        """
        labels = {
            "model_name": self._label(model_name),
            "API": api,
            "runtime": runtime,
        }
        self.observe(RUNTIME_LATENCY, labels, microseconds)

    def count_load(self, path: Path, is_loaded: bool) -> None:
        """Counts a try to load a version.

        Args:
            path: the version directory.
            is_loaded: False = it failed, or its warm-up did.
        """
        status = "success" if is_loaded else "fail"
        labels = {"model_path": str(path), "status": status}
        self.count(LOAD_ATTEMPT_COUNT, labels)

    def observe(
        self, name: str, labels: Mapping[str, str], value: float
    ) -> None:
        """Adds a value to a histogram.

        Args:
            name: see the class; one that ends in `latency` is in
                microseconds, any other one has bounds for sizes.
            labels: label name to value.
            value: what was measured.

        Raises:
            ValueError: `name` is a counter, or had other labels before.
        """
        with self._lock:
            metric = self._find(name, "histogram", labels)
            key = metric.choose_key(labels, self._max_num_series)
            histogram = metric.series.get(key)
            if histogram is None:
                is_time = metric.name.endswith("latency")
                bounds = _LATENCY_BOUNDS if is_time else _SIZE_BOUNDS
                histogram = metric.series[key] = _Histogram(bounds)
            histogram.add(value)

    def count(
        self, name: str, labels: Mapping[str, str], amount: float = 1.0
    ) -> None:
        """Adds to a counter.

        Args:
            name: see the class.
            labels: label name to value.
            amount: at least 0.

        Raises:
            ValueError: `name` is a histogram, or had other labels before.
        """
        with self._lock:
            metric = self._find(name, "counter", labels)
            key = metric.choose_key(labels, self._max_num_series)
            metric.series[key] = metric.series.get(key, 0.0) + amount

    def get_count(self, name: str, labels: Mapping[str, str]) -> float:
        """Returns a counter's value, 0 where nothing was counted."""
        with self._lock:
            metric = self._metrics.get(_complete(name))
            if metric is None or metric.kind != "counter":
                return 0.0
            key = tuple(labels.get(n, "") for n in metric.label_names)
            return metric.series.get(key, 0.0)

    def get_total(self, name: str) -> float:
        """Returns the sum of a counter over all labels (SERVING rule Q-08)."""
        with self._lock:
            metric = self._metrics.get(_complete(name))
            if metric is None or metric.kind != "counter":
                return 0.0
            return sum(metric.series.values())

    def render(self) -> str:
        """Writes the page in Prometheus' text format."""
        lines = []
        with self._lock:
            for name in sorted(self._metrics):
                lines.extend(self._metrics[name].render())
        lines.append(render_type(SERVED_VERSION, "gauge"))
        for model_name, version in sorted(self._list_served()):
            labels = {"model_name": model_name, "version": str(version)}
            lines.append(render_number(SERVED_VERSION, labels, 1))
        return "\n".join(lines) + "\n"

    def _label(self, model_name: str) -> str:
        known = self._known_models
        if known is None or not model_name or model_name in known:
            return model_name
        return UNKNOWN_MODEL

    def _find(self, name: str, kind: str, labels: Mapping) -> _Metric:
        metric = self._metrics.get(name)
        if metric is None:
            whole = _complete(name)
            metric = self._metrics.get(whole)
            if metric is None:
                metric = _Metric(whole, kind, tuple(labels))
                self._metrics[whole] = metric
        if metric.kind != kind:
            raise ValueError(
                f"`{name}` must stay a {metric.kind}. Received: {kind}."
            )
        return metric


def _complete(name: str) -> str:
    return name if name.startswith(("/", ":")) else _PREFIX + name
