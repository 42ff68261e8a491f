"""Tests whether users are divided among arms by their shares."""

from collections.abc import Mapping
from dataclasses import dataclass

_ALARM = 0.001  # chance of a false alarm


@dataclass(frozen=True, kw_only=True)
class SampleRatio:
    """The sample-ratio check.

    Attributes:
        p_value: chance of counts as uneven as these, if assignment works.
        is_mismatched: something loses or adds users of an arm: no figure of
            the experiment can be trusted.
    """

    p_value: float
    is_mismatched: bool


def check_sample_ratio(
    num_users: Mapping[str, int], shares: Mapping[str, float]
) -> SampleRatio:
    """Compares counts of users with shares by a chi-square test.

    Args:
        num_users: by arm, with an entry for each of `shares`; one at least
            is above 0.
        shares: by arm, summing to 1.

    Source:
        Fabijan et al., KDD 2019, doi:10.1145/3292500.3330722.
    """
    from scipy import stats  # a slow import, not for a gateway

    if len(shares) == 1:
        return SampleRatio(p_value=1.0, is_mismatched=False)
    total = sum(num_users.values())
    scale = total / sum(shares.values())
    test = stats.chisquare(
        [num_users[arm] for arm in shares],
        [share * scale for share in shares.values()],
    )
    p_value = float(test.pvalue)
    return SampleRatio(p_value=p_value, is_mismatched=p_value < _ALARM)
