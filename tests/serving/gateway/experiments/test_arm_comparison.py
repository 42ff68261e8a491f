import math

import numpy as np
import pytest
from scipy import stats

from serving.gateway.experiments.arm_comparison import compare_arms
from serving.gateway.experiments.user_totals import Moments

COLUMNS = (0, 1, 2)  # successes, failures, slates


def count(successes, slates):
    slates = np.asarray(slates, float)
    return Moments.of(np.stack([successes, slates - successes, slates], 1))


def one_slate_each(num_users, num_successes):
    return count(np.arange(num_users) < num_successes, np.ones(num_users))


def test_fixed_p_value_is_that_of_the_chi_square_test():
    comparison = compare_arms(
        one_slate_each(1000, 100), one_slate_each(1000, 130), COLUMNS, 0.05
    )
    table = [[100, 900], [130, 870]]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert comparison.difference.fixed_p == pytest.approx(expected)
    assert comparison.difference.value == pytest.approx(0.03)
    assert comparison.lift == pytest.approx(0.3)


def test_lift_interval_is_as_wide_as_that_of_a_log_ratio():
    comparison = compare_arms(
        one_slate_each(10_000, 1000),
        one_slate_each(10_000, 1100),
        COLUMNS,
        0.05,
    )
    # Variance of the log of a ratio of equal rates, 0.105 both:
    # 2 * 0.895 / (0.105 * 10,000) = 0.001705; of the difference
    # 2 * 0.105 * 0.895 / 10,000 = 1.8795e-5. Effects to be expected: 10% of
    # 0.105, hence r = 0.0105^2 / 1.8795e-5 = 5.866 and a margin of
    # sqrt((1 + 1 / r) (ln(1 + r) + 2 ln 20)) = 3.038 standard errors.
    low, high = comparison.lift_interval
    assert math.log((1 + high) / 1.1) == pytest.approx(
        3.038 * math.sqrt(0.001705), rel=0.01
    )
    assert math.log(1.1 / (1 + low)) == pytest.approx(
        3.038 * math.sqrt(0.001705), rel=0.01
    )


def test_heavy_users_do_not_make_proof():
    # 40 users an arm with 100 slates each; a user takes all or none. As if
    # from single slates, 1,000 of 4,000 against 1,400 would be certain.
    base = count(np.repeat([100, 0], [10, 30]), np.full(40, 100))
    arm = count(np.repeat([100, 0], [14, 26]), np.full(40, 100))
    comparison = compare_arms(base, arm, COLUMNS, 0.05)
    table = [[10, 30], [14, 26]]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert comparison.difference.fixed_p == pytest.approx(expected)
    assert comparison.difference.fixed_p > 0.3


def test_few_users_make_no_comparison():
    # 10 users with a success are to be expected in each arm: 20 in all.
    assert (
        compare_arms(
            one_slate_each(500, 9), one_slate_each(500, 10), COLUMNS, 0.05
        )
        is None
    )
    assert compare_arms(
        one_slate_each(500, 10), one_slate_each(500, 10), COLUMNS, 0.05
    )


def test_arm_without_success_is_worse_but_has_no_lift():
    comparison = compare_arms(
        one_slate_each(1000, 100), one_slate_each(1000, 0), COLUMNS, 0.05
    )
    assert comparison.lift is None
    assert comparison.difference.always_valid_p < 0.001


def test_users_who_are_all_alike_make_no_comparison():
    alike = count(np.ones(100), np.full(100, 2.0))
    assert compare_arms(alike, alike, COLUMNS, 0.05) is None


def test_small_arm_with_few_successes_is_judged_as_by_the_exact_test():
    # 98 of 9,000 against 2 of 1,000: with each arm's own variance z would be
    # 5, p = 7e-7.
    comparison = compare_arms(
        one_slate_each(9000, 98), one_slate_each(1000, 2), COLUMNS, 0.05
    )
    exact = stats.fisher_exact([[98, 8902], [2, 998]]).pvalue
    assert exact / 3 < comparison.difference.fixed_p < exact * 3


def run_experiment(random, lift=0.0, num_looks=30):
    """Yields the sums of both arms after each batch of slates.

    40 users come with every batch; all that have come return now and then,
    each with a taste and a zeal of its own.
    """
    num_users = 40 * num_looks
    zeal = random.gamma(1.0, 1.0, num_users)
    taste = random.beta(1.0, 9.0, num_users)
    is_treated = random.random(num_users) < 0.5
    taste = np.where(is_treated, np.minimum(1, taste * (1 + lift)), taste)
    slates, successes = np.zeros(num_users), np.zeros(num_users)
    for look in range(1, num_looks + 1):
        come = 40 * look
        new = random.poisson(zeal[:come])
        new[come - 40 :] += 1
        slates[:come] += new
        successes[:come] += random.binomial(new, taste[:come])
        yield tuple(
            count(successes[:come][chosen], slates[:come][chosen])
            for chosen in (~is_treated[:come], is_treated[:come])
        )


def test_looking_after_every_batch_finds_nothing_where_nothing_is():
    random = np.random.default_rng(11)
    found = {"always_valid_p": 0, "fixed_p": 0}
    for _ in range(200):
        effects = [
            comparison.difference
            for arms in run_experiment(random)
            if (comparison := compare_arms(*arms, COLUMNS, 0.05))
        ]
        for name in found:
            found[name] += min(getattr(e, name) for e in effects) <= 0.05
    assert found["always_valid_p"] <= 10  # 5% of 200
    assert found["fixed_p"] >= 30  # the usual test, looked at 30 times


def test_looking_after_every_batch_finds_a_large_effect():
    random = np.random.default_rng(12)
    found = 0
    for _ in range(20):
        found += any(
            comparison.difference.always_valid_p <= 0.05
            and comparison.difference.value > 0
            for arms in run_experiment(random, lift=1.0)
            if (comparison := compare_arms(*arms, COLUMNS, 0.05))
        )
    assert found >= 18
