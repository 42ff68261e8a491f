import math

import numpy as np
import pytest
from scipy import integrate
from scipy import stats

from serving.gateway.experiments.effect import measure_effect
from serving.gateway.experiments.ratio import Ratio


def test_numbers_agree_with_another_library():
    # ville 0.1.0: the p-value of its MSPRT with sigma 1 and tau 0.1 after
    # 1,000 numbers of 0.1; its normal_mixture(1000, 0.05, rho=100) by 1,000.
    effect = measure_effect(Ratio(0.1, 1 / 1000), spread=0.1, alpha=0.05)
    assert effect.always_valid_p == pytest.approx(0.035207121, rel=1e-6)
    low, high = effect.always_valid_interval
    assert (high - low) / 2 == pytest.approx(0.096064019, rel=1e-6)
    assert (high + low) / 2 == pytest.approx(0.1)


def test_p_value_is_the_inverse_of_the_mixed_likelihood_ratio():
    estimate, error, spread = 0.03, 0.01, 0.02
    mixed, _ = integrate.quad(
        lambda effect: (
            stats.norm(effect, error).pdf(estimate)
            * stats.norm(0, spread).pdf(effect)
        ),
        -0.2,
        0.2,
        points=[0.0, estimate],
    )
    expected = stats.norm(0, error).pdf(estimate) / mixed
    effect = measure_effect(Ratio(estimate, error**2), spread, alpha=0.05)
    assert effect.always_valid_p == pytest.approx(expected, rel=1e-6)


def test_interval_ends_where_the_p_value_is_alpha():
    effect = measure_effect(Ratio(0.03, 0.0001), spread=0.02, alpha=0.05)
    for end in effect.always_valid_interval:
        moved = measure_effect(Ratio(0.03 - end, 0.0001), 0.02, alpha=0.05)
        assert moved.always_valid_p == pytest.approx(0.05)


def test_fixed_p_value_is_that_of_the_normal_test():
    effect = measure_effect(Ratio(-0.03, 0.0001), spread=0.02, alpha=0.05)
    assert effect.fixed_p == pytest.approx(2 * stats.norm.cdf(-3.0))


def test_no_difference_has_p_value_1():
    effect = measure_effect(Ratio(0.0, 0.0001), spread=0.02, alpha=0.05)
    assert effect.always_valid_p == 1.0
    assert effect.fixed_p == 1.0


def test_price_of_peeking_is_a_wider_interval():
    effect = measure_effect(Ratio(0.03, 0.0001), spread=0.02, alpha=0.05)
    assert effect.always_valid_interval[0] < effect.fixed_interval[0]
    assert effect.always_valid_interval[1] > effect.fixed_interval[1]


def test_overwhelming_evidence_underflows_to_0():
    effect = measure_effect(Ratio(1.0, 1e-8), spread=0.02, alpha=0.05)
    assert effect.always_valid_p == 0.0


def test_true_mean_is_inside_at_every_look():
    # 400 random walks with drift 0.1, looked at 40 times each.
    random = np.random.default_rng(5)
    steps = random.normal(0.1, 1.0, (400, 40, 50)).mean(axis=2)
    looks = np.arange(1, 41)
    means = steps.cumsum(axis=1) / looks
    missed = {"always_valid_interval": 0, "fixed_interval": 0}
    for path in means:
        effects = [
            measure_effect(Ratio(mean, 1 / (50 * n)), 0.1, alpha=0.05)
            for mean, n in zip(path, looks, strict=True)
        ]
        for name in missed:
            missed[name] += any(
                not getattr(e, name)[0] <= 0.1 <= getattr(e, name)[1]
                for e in effects
            )
    # At most 5% of 400 and three standard errors, sqrt(400 * .05 * .95).
    assert missed["always_valid_interval"] <= 20 + 3 * math.sqrt(19)
    assert missed["fixed_interval"] > 60  # what peeking does to the usual one
