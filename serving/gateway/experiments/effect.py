"""Estimates of effects, with p-values and intervals."""

import math
from dataclasses import dataclass

from serving.gateway.experiments.ratio import Ratio


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An estimated effect; 0 = there is none.

    Attributes:
        always_valid_interval: a confidence sequence: with chance 1 - alpha it
            covers the true value at all looks together.
        always_valid_p: valid at any time; a test may stop as soon as it falls
            below alpha.
        fixed_interval: valid at one look only, planned before the start.
        fixed_p: likewise.
    """

    value: float
    always_valid_interval: tuple[float, float]
    always_valid_p: float
    fixed_interval: tuple[float, float]
    fixed_p: float


def measure_effect(estimate: Ratio, spread: float, alpha: float) -> Effect:
    """Tests an estimate against 0 with a mixture over possible effects.

    The likelihood ratio of "effects are normal around 0 with `spread`"
    against "no effect" exceeds 1 / alpha at any time with chance alpha at
    most, if there is no effect. Written in code because confseq does not
    build on Python 3.12 (gostevehoward/confseq#22) and scipy has no such
    test.

    Args:
        estimate: normal for a large number of users, as all that is here.
        spread: standard deviation of effects worth finding, above 0; the
            test is sharpest for these, and valid for all.
        alpha: chance of error in (0, 1).

    Source:
        Johari, Koomen, Pekelis, Walsh, Operations Research 2022,
        doi:10.1287/opre.2021.2135; the interval inverts it, as do
        Waudby-Smith et al., Annals of Statistics 2024, arXiv:2103.06476.
    """
    error = math.sqrt(estimate.variance)
    growth = spread**2 / estimate.variance  # rises with the number of users
    score = estimate.value / error
    log_evidence = -math.log1p(growth) / 2 + score**2 * growth / (
        2 * (1 + growth)
    )
    margin = compute_margin(growth, alpha) * error
    return Effect(
        value=estimate.value,
        always_valid_interval=(
            estimate.value - margin,
            estimate.value + margin,
        ),
        always_valid_p=math.exp(min(0.0, -log_evidence)),
        fixed_interval=estimate.interval(alpha),
        fixed_p=math.erfc(abs(score) / math.sqrt(2)),
    )


def compute_margin(growth: float, alpha: float) -> float:
    """Returns half the width of a confidence sequence in standard errors.

    Args:
        growth: variance of the effects worth finding over that of the
            estimate, above 0.
        alpha: chance of error in (0, 1).
    """
    return math.sqrt(
        (1 + 1 / growth) * (math.log1p(growth) - 2 * math.log(alpha))
    )
