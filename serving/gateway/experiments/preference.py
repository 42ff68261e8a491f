"""Tests which of two interleaved rankings users prefer."""

from collections.abc import Collection
from dataclasses import dataclass

from serving.gateway.experiments.effect import Effect
from serving.gateway.experiments.effect import measure_effect
from serving.gateway.experiments.interleaving import count_credit
from serving.gateway.experiments.ratio import Ratio
from serving.gateway.experiments.ratio import sum_residual_squares
from serving.gateway.experiments.user_totals import Moments
from serving.gateway.records.exposure import Exposure

_EXPECTED_PREFERENCE = 0.1  # at which the test has most power: 55 of 100 slates
_MIN_USERS = 20  # with a decided slate; with fewer, sums are not normal


@dataclass(frozen=True, kw_only=True)
class Preference:
    """Two rankings that shared slates.

    Attributes:
        num_slates: slates with more successes of one than of the other.
        win_share: share of these that `rival` won; 0.5 = no preference.
        margin: slates that `rival` won less those that it lost, by
            `num_slates`: in [-1, 1].
    """

    policy: str
    rival: str
    num_slates: int
    win_share: float
    margin: Effect


def judge_slate(
    exposure: Exposure, succeeded: Collection[str], rival: str
) -> int:
    """Returns who won a slate: 1 = `rival`, -1 = the other, 0 = none."""
    teams = {item.item_id: item.team for item in exposure.items if item.team}
    credit = count_credit(teams, succeeded)
    own = credit.pop(rival, 0)
    others = sum(credit.values())
    return (own > others) - (own < others)


def measure_preference(
    moments: Moments,
    columns: tuple[int, int],
    policies: tuple[str, str],
    alpha: float,
) -> Preference | None:
    """Tests whether two rankings win equally often; users are the unit.

    Args:
        moments: sums per user of an arm that interleaves.
        columns: of the sums: what `judge_slate` says, and its size.
        policies: the arm's ranking, and the rival that it interleaves.
        alpha: chance of error in (0, 1).

    Returns:
        The preference, or None while the users are too few.
    """
    won, told = columns
    if moments.num_nonzero[told] < _MIN_USERS:
        return None
    total = float(moments.sums[told])
    margin = float(moments.sums[won]) / total
    variance = sum_residual_squares(moments, won, told, 0.0) / total**2
    if not variance:  # all users are undecided: no variance
        return None
    return Preference(
        policy=policies[0],
        rival=policies[1],
        num_slates=round(total),
        win_share=(1 + margin) / 2,
        margin=measure_effect(
            Ratio(margin, variance), _EXPECTED_PREFERENCE, alpha
        ),
    )
