"""Compares predicted probabilities with the share of successes."""

from dataclasses import dataclass

import numpy as np

_NUM_BINS = 10
_Z = 1.96  # of a 95% interval


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """Queries whose predicted probability lies in [low, high)."""

    low: float
    high: float
    num_queries: int
    predicted: float  # mean probability
    observed: float  # share of successes
    interval: tuple[float, float]  # 95% of `observed`


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Bins that hold a query, in order, and what they add up to."""

    bins: tuple[CalibrationBin, ...]
    expected_error: float  # mean distance of predicted and observed
    brier_score: float  # mean squared distance of each single prediction
    predicted: float  # means over all queries
    observed: float


def compute_calibration(
    probability: np.ndarray, is_positive: np.ndarray
) -> Calibration:
    """Compares predictions with outcomes in ten bins of equal width.

    Args:
        probability: float64 `[Q]`, in [0, 1].
        is_positive: bool `[Q]`.

    Returns:
        The bins; `expected_error` weighs each by its queries.

    Raises:
        ValueError: there is no query.

    Source:
        Guo et al., ICML 2017, arXiv:1706.04599, equation 3; intervals of
        Wilson, 1927, doi:10.1080/01621459.1927.10502953.
    """
    if not len(probability):
        raise ValueError(
            "`probability` must hold at least one query. Received: none."
        )
    number = np.minimum((probability * _NUM_BINS).astype(int), _NUM_BINS - 1)
    bins = []
    for index in np.unique(number):
        inside = number == index
        observed = float(is_positive[inside].mean())
        bins.append(
            CalibrationBin(
                low=index / _NUM_BINS,
                high=(index + 1) / _NUM_BINS,
                num_queries=int(inside.sum()),
                predicted=float(probability[inside].mean()),
                observed=observed,
                interval=_compute_interval(observed, int(inside.sum())),
            )
        )
    distances = [
        one.num_queries * abs(one.predicted - one.observed) for one in bins
    ]
    return Calibration(
        bins=tuple(bins),
        expected_error=sum(distances) / len(probability),
        brier_score=float(np.square(probability - is_positive).mean()),
        predicted=float(probability.mean()),
        observed=float(is_positive.mean()),
    )


def _compute_interval(share: float, count: int) -> tuple[float, float]:
    centre = share + _Z**2 / (2 * count)
    reach = _Z * np.sqrt(share * (1 - share) / count + (_Z / 2 / count) ** 2)
    scale = 1 + _Z**2 / count
    low, high = (centre - reach) / scale, (centre + reach) / scale
    return max(float(low), 0.0), min(float(high), 1.0)
