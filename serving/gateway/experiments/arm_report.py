"""Results of each arm."""

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass

from serving.gateway.experiments.arm_comparison import ArmComparison
from serving.gateway.experiments.arm_comparison import compare_arms
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.experiments.preference import Preference
from serving.gateway.experiments.preference import judge_slate
from serving.gateway.experiments.preference import measure_preference
from serving.gateway.experiments.user_totals import Moments
from serving.gateway.records.exposure import Exposure

NUM_COLUMNS = 7  # of what `count_slate` returns
_SLATES, _SUCCESSES, _FAILURES, _FALLBACKS, _MODEL, _WON, _TOLD = range(
    NUM_COLUMNS
)


@dataclass(frozen=True, kw_only=True)
class ArmReport:
    """One arm.

    Attributes:
        num_successes: slates with at least one success.
        success_rate: successes per slate.
        fallback_share: share of the slates that no model made.
        comparison: of successes with the control; None = this is the
            control, or there are too few users yet.
        fallback_comparison: of slates without a model, likewise.
        preference: of an arm that interleaves; None = too few users yet.
    """

    name: str
    num_users: int
    num_slates: int
    num_successes: int
    success_rate: float
    fallback_share: float
    comparison: ArmComparison | None
    fallback_comparison: ArmComparison | None
    preference: Preference | None


def count_slate(
    arm: ArmConfig, exposure: Exposure, succeeded: Collection[str]
) -> tuple[float, ...]:
    """Returns what a slate adds to its user's sums.

    Args:
        arm: that the user is in.
        exposure: the slate.
        succeeded: ids of its items that the user took.
    """
    success = bool(succeeded)
    fallback = exposure.source != "model"
    won = 0
    if arm.interleave_with is not None:
        won = judge_slate(exposure, succeeded, arm.interleave_with)
    return 1, success, not success, fallback, not fallback, won, abs(won)


def report_arms(
    experiment: ExperimentConfig, moments: Mapping[str, Moments], alpha: float
) -> tuple[ArmReport, ...]:
    """Describes the arms, each compared with the control.

    Args:
        experiment: the arms; the first is the control.
        moments: of sums per user, by arm; arms without users lack.
        alpha: chance of an error over all comparisons with the control, in
            (0, 1); they share it equally (Bonferroni).

    Returns:
        The arms with users, in the experiment's order.
    """
    control, *others = experiment.arms
    alpha /= max(1, len(others))
    reports = []
    for name, arm in experiment.arms.items():
        if name not in moments:
            continue
        sums = moments[name].sums
        slates = float(sums[_SLATES])
        comparison = fallback_comparison = preference = None
        if name != control and control in moments:
            comparison, fallback_comparison = (
                compare_arms(moments[control], moments[name], columns, alpha)
                for columns in (
                    (_SUCCESSES, _FAILURES, _SLATES),
                    (_FALLBACKS, _MODEL, _SLATES),
                )
            )
        if arm.interleave_with is not None:
            policies = arm.policy, arm.interleave_with
            preference = measure_preference(
                moments[name], (_WON, _TOLD), policies, alpha
            )
        report = ArmReport(
            name=name,
            num_users=moments[name].num_users,
            num_slates=round(slates),
            num_successes=round(sums[_SUCCESSES]),
            success_rate=float(sums[_SUCCESSES]) / slates,
            fallback_share=float(sums[_FALLBACKS]) / slates,
            comparison=comparison,
            fallback_comparison=fallback_comparison,
            preference=preference,
        )
        reports.append(report)
    return tuple(reports)
