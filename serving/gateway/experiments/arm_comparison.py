"""Compares one arm with the control."""

import math
from dataclasses import dataclass

from serving.gateway.experiments.effect import Effect
from serving.gateway.experiments.effect import compute_margin
from serving.gateway.experiments.effect import measure_effect
from serving.gateway.experiments.ratio import Ratio
from serving.gateway.experiments.ratio import compute_ratio
from serving.gateway.experiments.ratio import sum_residual_squares
from serving.gateway.experiments.user_totals import Moments

_EXPECTED_LIFT = 0.1  # relative difference at which the test has most power
_MIN_USERS = 10  # expected users in each arm with an event, and with a slate
# without one: with fewer, sums are not normal


@dataclass(frozen=True, kw_only=True)
class ArmComparison:
    """An arm against the control.

    Attributes:
        difference: of the rates per slate, arm less control.
        lift: relative difference, 0.1 = 10% more; None = a rate is 0.
        lift_interval: always valid, as of `difference`.
    """

    difference: Effect
    lift: float | None
    lift_interval: tuple[float, float] | None


def compare_arms(
    control: Moments,
    arm: Moments,
    columns: tuple[int, int, int],
    alpha: float,
) -> ArmComparison | None:
    """Compares a rate per slate; users are the unit of analysis.

    It uses the larger of two variances: with each arm's own rate, and with
    equal rates. The second is right for few successes in an uneven split, where
    the first gives too many false positives.

    Args:
        control: sums per user.
        arm: likewise.
        columns: of the sums: slates with an event, slates without, slates.
        alpha: chance of error in (0, 1).

    Returns:
        The comparison, or None while there are too few users.
    """
    events, others, slates = columns
    pooled = control + arm
    expected = [
        group.num_users * pooled.num_nonzero[column] / pooled.num_users
        for group in (control, arm)
        for column in (events, others)
    ]
    if min(expected) < _MIN_USERS:
        return None
    base = compute_ratio(control, events, slates)
    rate = compute_ratio(arm, events, slates)
    common_rate = float(pooled.sums[events] / pooled.sums[slates])
    common_variance = _compute_common_variance(control, arm, events, slates)
    variance = max(base.variance + rate.variance, common_variance)
    if not variance:  # all users are equal: no variance
        return None
    spread = _EXPECTED_LIFT * common_rate
    effect = measure_effect(
        Ratio(rate.value - base.value, variance), spread, alpha
    )
    if not base.value or not rate.value:
        return ArmComparison(difference=effect, lift=None, lift_interval=None)
    log_variance = max(
        base.variance / base.value**2 + rate.variance / rate.value**2,
        common_variance / common_rate**2,
    )
    margin = compute_margin(spread**2 / variance, alpha) * math.sqrt(
        log_variance
    )
    ratio = rate.value / base.value
    interval = ratio * math.exp(-margin) - 1, ratio * math.exp(margin) - 1
    return ArmComparison(
        difference=effect, lift=ratio - 1, lift_interval=interval
    )


def _compute_common_variance(control, arm, events, slates) -> float:
    """Returns the variance of the difference as if the arms were one."""
    pooled = control + arm
    rate = pooled.sums[events] / pooled.sums[slates]
    squares = sum_residual_squares(pooled, events, slates, rate)
    shares = (
        group.num_users / group.sums[slates] ** 2 for group in (control, arm)
    )
    return float(squares / pooled.num_users * sum(shares))
