"""The report on an A/B test."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serving.gateway.experiments.arm_report import NUM_COLUMNS
from serving.gateway.experiments.arm_report import ArmReport
from serving.gateway.experiments.arm_report import count_slate
from serving.gateway.experiments.arm_report import report_arms
from serving.gateway.experiments.conclusion import conclude
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.experiments.sample_ratio import SampleRatio
from serving.gateway.experiments.sample_ratio import check_sample_ratio
from serving.gateway.experiments.slate_log import SlateLog
from serving.gateway.experiments.success_rule import SuccessRule
from serving.gateway.experiments.user_totals import UserTotals

_ALPHA = 0.05  # chance of finding a difference where there is none


@dataclass(frozen=True, kw_only=True)
class ExperimentReport:
    """The results of an experiment.

    Attributes:
        created_at: seconds since the epoch.
        has_ended: no more users come in.
        arms: the control first; arms without users lack.
        sample_ratio: None = there are no users.
        num_users_in_several_arms: whose slates are left out.
        num_unreadable_lines: of the logs.
        num_unmatched_successes: they name a slate that the logs lack, or a
            user or an item that it was not shown to or did not have.
        conclusion: the conclusion, in words.
    """

    experiment: str
    created_at: float
    has_ended: bool
    arms: tuple[ArmReport, ...]
    sample_ratio: SampleRatio | None
    num_users_in_several_arms: int
    num_unreadable_lines: int
    num_unmatched_successes: int
    conclusion: str


def build_report(
    experiment: ExperimentConfig,
    folders: Sequence[Path],
    success: SuccessRule,
    now: float,
) -> ExperimentReport:
    """Reads the logs and compares the arms.

    It may be built at any time and repeatedly: conclusions use only
    always-valid p-values.

    Args:
        experiment: its arms; which user was in which, the logs say.
        folders: of the logs.
        success: which feedback counts.
        now: seconds since the epoch; later slates are left out, as are those
            after the experiment's end.

    Raises:
        FileNotFoundError: no folder holds exposures.
        OSError: a file cannot be read, or the disk is full.
    """
    has_ended = experiment.ends_at is not None and experiment.ends_at <= now
    with SlateLog(folders, success) as slates, UserTotals(NUM_COLUMNS) as users:
        _add_up(experiment, slates, users, min(now, experiment.ends_at or now))
        moments, num_switchers = users.compute_moments()
        num_unreadable = slates.num_unreadable_lines
        num_unmatched = slates.num_unmatched_successes
    arms = report_arms(experiment, moments, _ALPHA)
    sample_ratio = None
    if moments:
        counts = {name: group.num_users for name, group in moments.items()}
        sample_ratio = check_sample_ratio(
            {name: counts.get(name, 0) for name in experiment.arms},
            {name: arm.share for name, arm in experiment.arms.items()},
        )
    return ExperimentReport(
        experiment=experiment.name,
        created_at=now,
        has_ended=has_ended,
        arms=arms,
        sample_ratio=sample_ratio,
        num_users_in_several_arms=num_switchers,
        num_unreadable_lines=num_unreadable,
        num_unmatched_successes=num_unmatched,
        conclusion=conclude(
            experiment, arms, sample_ratio, num_switchers, has_ended
        ),
    )


def _add_up(experiment, slates, users, end):
    for slate in slates:
        exposure = slate.exposure
        name = exposure.arms.get(experiment.name)
        if name in experiment.arms and exposure.timestamp <= end:
            counts = count_slate(
                experiment.arms[name], exposure, slate.succeeded
            )
            users.add(exposure.user_id, name, counts)
