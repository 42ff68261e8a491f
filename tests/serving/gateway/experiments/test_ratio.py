import numpy as np
import pytest
from scipy import stats

from serving.gateway.experiments.ratio import Ratio
from serving.gateway.experiments.ratio import compute_ratio
from serving.gateway.experiments.ratio import sum_residual_squares
from serving.gateway.experiments.user_totals import Moments


def test_ratio_is_of_sums_not_the_mean_of_ratios():
    # (1 + 1) / (1 + 9), where the mean of 1 / 1 and 1 / 9 would be 0.56.
    moments = Moments.of(np.array([[1.0, 1.0], [1.0, 9.0]]))
    assert compute_ratio(moments, 0, 1).value == pytest.approx(0.2)


def test_variance_with_one_slate_a_user_is_that_of_a_mean():
    rows = np.ones((50, 2))
    rows[:20, 0] = 0.0
    ratio = compute_ratio(Moments.of(rows), 0, 1)
    assert ratio.variance == pytest.approx(stats.sem(rows[:, 0], ddof=0) ** 2)


def test_slates_of_one_user_that_resemble_each_other_widen_the_interval():
    # 10 users with 10 slates each, all of which succeed or all of which fail:
    # as uncertain as 10 slates, 0.5 * 0.5 / 10.
    rows = np.array([[10.0, 10.0], [0.0, 10.0]] * 5)
    assert compute_ratio(Moments.of(rows), 0, 1).variance == pytest.approx(
        0.025
    )


def test_variance_agrees_with_the_bootstrap_over_users():
    random = np.random.default_rng(0)
    slates = random.integers(1, 9, 300).astype(float)
    successes = random.binomial(slates.astype(int), random.beta(1, 3, 300))
    rows = np.stack([successes, slates], axis=1)
    ratio = compute_ratio(Moments.of(rows), 0, 1)
    drawn = stats.bootstrap(
        (successes, slates),
        lambda top, bottom, axis: top.sum(axis) / bottom.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=2000,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    assert ratio.variance**0.5 == pytest.approx(drawn.standard_error, rel=0.05)


def test_interval_spans_the_quantiles_of_a_normal():
    low, high = Ratio(1.0, 4.0).interval(0.05)
    assert (low, high) == pytest.approx(stats.norm(1.0, 2.0).interval(0.95))


def test_residuals_of_an_exact_ratio_are_0_despite_rounding():
    moments = Moments.of(np.array([[0.1, 0.3], [0.2, 0.6]]))
    ratio = compute_ratio(moments, 0, 1).value
    assert 0 <= sum_residual_squares(moments, 0, 1, ratio) < 1e-15
