"""Findings of a replay, and the verdict."""

from dataclasses import dataclass
from dataclasses import field
from typing import Any

import numpy as np

from components.serving_validator.config import ServingValidatorConfig

_CHECKS = {
    "windows": "there are windows to replay",
    "starts": "the model server starts with the candidate",
    "answers": "the server answers every request",
    "finite": "scores, probabilities and ratings are finite",
    "equal": "answers equal those of the signature called in-process",
    "complete": "every slate has as many items as asked for",
    "unseen": "no slate holds an item the user has already met",
    "search": "items are found by their titles",
    "latency": "the latency is within its bounds",
}


@dataclass
class Findings:
    """Collects failures by check, latencies and score differences."""

    config: ServingValidatorConfig
    failures: dict[str, list[str]] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    largest_difference: float = 0.0
    found_by_title: float | None = None

    def add(self, check: str, failure: str) -> None:
        """Records a failure of one of the checks in `_CHECKS`."""
        self.failures.setdefault(check, []).append(failure)

    def add_latency(self, seconds: float) -> None:
        """Records how long one request took."""
        self.latencies_ms.append(seconds * 1000)

    def add_difference(self, difference: float) -> None:
        """Records the largest score difference of one slate."""
        self.largest_difference = max(self.largest_difference, difference)
        if difference > self.config.max_score_difference:
            self.add(
                "equal",
                f"scores differ by {difference:.3g}, at most "
                f"{self.config.max_score_difference:.3g} is allowed",
            )

    def add_search(self, num_found: int, num_titles: int) -> None:
        """Records how many of the items were found whose title was asked."""
        self.found_by_title = num_found / num_titles
        least = self.config.min_found_by_title
        if self.found_by_title < least:
            self.add(
                "search",
                f"{num_found} of {num_titles} items were found by their title, "
                f"at least {least:.0%} must be",
            )

    def compute_percentile(self, percent: float) -> float | None:
        """Returns a latency percentile in ms; None without any request."""
        if not self.latencies_ms:
            return None
        return float(np.percentile(self.latencies_ms, percent))

    def build_report(self) -> dict[str, Any]:
        """Judges, and returns `serving_validation.json`.

        {"blessed": true, "reason": "", "num_requests": 200, "k": 10,
         "latency_ms": {"p50": ..., "p99": ..., "max_p50": ...,
                        "max_p99": ...},
         "score_difference": {"largest": ..., "max": ...},
         "found_by_title": {"share": ..., "min": ...},
         "checks": {check: {"what", "ok", "num_failures", "first"}}}
        """
        latency = {
            "p50": self.compute_percentile(50),
            "p99": self.compute_percentile(99),
            "max_p50": self.config.max_p50_ms,
            "max_p99": self.config.max_p99_ms,
        }
        failures = dict(self.failures)
        slow = [
            f"{name} was {latency[name]:.1f} ms, at most "
            f"{latency[f'max_{name}']:.1f} ms is allowed"
            for name in ("p50", "p99")
            if latency[name] is not None
            and latency[name] > latency[f"max_{name}"]
        ]
        if slow:
            failures["latency"] = slow
        return {
            "blessed": not failures,
            "reason": "; ".join(
                f"{check}: {found[0]}"
                + (f" (and {len(found) - 1} more)" if len(found) > 1 else "")
                for check, found in failures.items()
            ),
            "num_requests": len(self.latencies_ms),
            "k": self.config.k,
            "latency_ms": latency,
            "score_difference": {
                "largest": self.largest_difference,
                "max": self.config.max_score_difference,
            },
            "found_by_title": {
                "share": self.found_by_title,
                "min": self.config.min_found_by_title,
            },
            "checks": {
                check: {
                    "what": what,
                    "ok": check not in failures,
                    "num_failures": len(failures.get(check, [])),
                    "first": next(iter(failures.get(check, [])), ""),
                }
                for check, what in _CHECKS.items()
            },
        }
