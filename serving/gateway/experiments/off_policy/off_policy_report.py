"""Report on a policy that has had no traffic yet, from the logs."""

import math
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serving.gateway.experiments.off_policy.off_policy import OffPolicyEstimate
from serving.gateway.experiments.off_policy.off_policy import TargetPolicy
from serving.gateway.experiments.off_policy.off_policy import estimate_policy
from serving.gateway.experiments.slate_log import SlateLog
from serving.gateway.experiments.success_rule import SuccessRule


@dataclass(frozen=True, kw_only=True)
class OffPolicyReport:
    """An estimate, with counts of unreadable log lines.

    Attributes:
        scenario: of the slates; None = all.
        num_unreadable_lines: of the logs.
        num_unmatched_successes: they name a slate that the logs lack, or a
            user or an item that it was not shown to or did not have.
        conclusion: the conclusion, in words.
    """

    scenario: str | None
    estimate: OffPolicyEstimate
    num_unreadable_lines: int
    num_unmatched_successes: int
    conclusion: str


def build_off_policy_report(
    folders: Sequence[Path],
    success: SuccessRule,
    policy: TargetPolicy,
    scenario: str | None = None,
) -> OffPolicyReport:
    """Reads the logs and estimates what a policy would achieve.

    Args:
        folders: of the logs.
        success: which feedback counts.
        policy: the new policy, such as a `LinearBlend`.
        scenario: slates that count; None = all.

    Raises:
        FileNotFoundError: no folder holds exposures.
        OSError: a file cannot be read, or the disk is full.
        ValueError: as of `estimate_policy`: the logs cannot tell.
    """
    with SlateLog(folders, success) as slates:
        estimate = estimate_policy(slates, policy, scenario)
        return OffPolicyReport(
            scenario=scenario,
            estimate=estimate,
            num_unreadable_lines=slates.num_unreadable_lines,
            num_unmatched_successes=slates.num_unmatched_successes,
            conclusion=_conclude(estimate),
        )


def _conclude(estimate) -> str:
    gain = estimate.gain
    span = f"{gain.low:+.4f} to {gain.high:+.4f} successes per slate"
    if gain.low > 0:
        return f"The new policy looks better: {span}. Test it with users."
    if gain.high < 0:
        return f"The new policy looks worse: {span}."
    return f"The logs cannot tell the new policy from the logged one: {span}."


@dataclass(frozen=True)
class LinearBlend:
    """Always shows the item with the greatest weighted sum of features.

    Attributes:
        weights: by feature; features without one count nothing.
    """

    weights: Mapping[str, float]

    def __call__(
        self, candidates: Mapping[str, Mapping[str, float]]
    ) -> dict[str, float]:
        """Chooses among items.

        Args:
            candidates: item id to its features; a missing one is 0.

        Returns:
            Chance of each item: 1 for the best, of several the first.
        """
        best = max(
            candidates, key=lambda item_id: self._score(candidates[item_id])
        )
        return {best: 1.0}

    def _score(self, features):
        return math.fsum(
            weight * features.get(name, 0.0)
            for name, weight in self.weights.items()
        )
