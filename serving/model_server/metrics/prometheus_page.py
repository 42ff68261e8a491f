"""Lines of the page that Prometheus reads.

Names are TF Serving's with its colons, so that its dashboards work unchanged;
`prometheus_client` would append `_total` to counters. So the text format is
written here.

Source: tensorflow_serving/util/prometheus_exporter.cc (SERVING rule O-02). We
depart in two things: line breaks in label values are escaped, and sums keep
all their digits.
"""

import itertools
import re
from collections.abc import Mapping
from collections.abc import Sequence


def render_type(name: str, kind: str) -> str:
    """Writes the line before the series of one metric.

    Args:
        name: TF Serving's name, such as `/tensorflow/serving/request_count`.
        kind: `counter`, `gauge` or `histogram`.
    """
    return f"# TYPE {_clean_name(name)} {kind}"


def render_number(name: str, labels: Mapping[str, str], value: float) -> str:
    """Writes the line of one counter or gauge.

    Args:
        name: see `render_type`.
        labels: label name to any text.
        value: of it now.
    """
    return f"{_clean_name(name)}{{{_join(labels)}}} {_number(value)}"


def render_histogram(
    name: str,
    labels: Mapping[str, str],
    bounds: Sequence[float],
    counts: Sequence[int],
    total: float,
) -> list[str]:
    """Writes the lines of one histogram.

    Args:
        name: see `render_type`.
        labels: label name to any text.
        bounds: upper bounds, ascending, without infinity.
        counts: values per bucket, one more than bounds, not cumulated.
        total: sum of the values.
    """
    name, joined = _clean_name(name), _join(labels)
    start = f"{name}_bucket{{{joined}{',' if joined else ''}le="
    limits = [f"{bound:g}" for bound in bounds] + ["+Inf"]
    lines = [
        f'{start}"{limit}"}} {count}'
        for limit, count in zip(
            limits, itertools.accumulate(counts), strict=True
        )
    ]
    lines.append(f"{name}_sum{{{joined}}} {_number(total)}")
    lines.append(f"{name}_count{{{joined}}} {sum(counts)}")
    return lines


def _clean_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", ":", name)


def _join(labels: Mapping[str, str]) -> str:
    return ",".join(
        f'{re.sub(r"[^A-Za-z0-9]", "_", label)}="{_escape(text)}"'
        for label, text in labels.items()
    )


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)
