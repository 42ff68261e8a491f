import pytest

from serving.gateway.experiments.sample_ratio import check_sample_ratio

HALVES = {"old": 0.5, "new": 0.5}


def test_p_value_is_that_of_the_chi_square_test():
    # ((5100 - 5000)^2 + (4900 - 5000)^2) / 5000 = 4, with one degree of
    # freedom: the chance of a normal beyond 2, 0.0455.
    ratio = check_sample_ratio({"old": 5100, "new": 4900}, HALVES)
    assert ratio.p_value == pytest.approx(0.0455, abs=5e-5)
    assert not ratio.is_mismatched


def test_a_share_that_is_lost_raises_the_alarm():
    # (150^2 + 150^2) / 5000 = 9; 160 for 150 makes 10.24, p = 0.0014; 170
    # makes 11.56, p = 0.00067.
    for lost, is_mismatched in ((160, False), (170, True)):
        counts = {"old": 5000 + lost, "new": 5000 - lost}
        ratio = check_sample_ratio(counts, HALVES)
        assert ratio.is_mismatched is is_mismatched


def test_counts_are_matched_to_shares_by_name():
    shares = {"old": 0.9, "new": 0.1}
    ratio = check_sample_ratio({"new": 100, "old": 900}, shares)
    assert ratio.p_value == pytest.approx(1.0)


def test_arm_without_users_raises_the_alarm():
    assert check_sample_ratio({"old": 100, "new": 0}, HALVES).is_mismatched


def test_one_arm_cannot_be_mismatched():
    assert not check_sample_ratio({"all": 5}, {"all": 1.0}).is_mismatched


def test_shares_that_sum_to_1_but_for_rounding_are_fine():
    shares = {str(i): 0.1 for i in range(10)}
    assert check_sample_ratio(dict.fromkeys(shares, 7), shares).p_value == 1.0
