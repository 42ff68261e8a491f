"""The ratio of two sums over users, with its variance."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from serving.gateway.experiments.user_totals import Moments


@dataclass(frozen=True)
class Ratio:
    """A ratio of two sums and its variance."""

    value: float
    variance: float

    def interval(self, alpha: float) -> tuple[float, float]:
        """Returns the interval that misses the truth with chance `alpha`."""
        margin = NormalDist().inv_cdf(1 - alpha / 2) * math.sqrt(self.variance)
        return self.value - margin, self.value + margin


def compute_ratio(moments: Moments, numerator: int, denominator: int) -> Ratio:
    """Divides two sums over users, as successes by slates.

    Users are the unit: a user's slates resemble each other, so that taking
    them for independent makes intervals too narrow.

    Args:
        moments: of the users.
        numerator: column of the sums.
        denominator: column of the sums; its sum is above 0.

    Source:
        Deng, Knoblich, Lu, KDD 2018, section 3 (delta method),
        doi:10.1145/3219819.3219919.
    """
    total = moments.sums[denominator]
    value = moments.sums[numerator] / total
    squares = sum_residual_squares(moments, numerator, denominator, value)
    return Ratio(float(value), float(squares / total**2))


def sum_residual_squares(
    moments: Moments, numerator: int, denominator: int, ratio: float
) -> float:
    """Sums (numerator - ratio * denominator)^2 over users."""
    products = moments.products
    squares = (
        products[numerator, numerator]
        - 2 * ratio * products[numerator, denominator]
        + ratio**2 * products[denominator, denominator]
    )
    return max(0.0, float(squares))  # rounding may fall below 0
