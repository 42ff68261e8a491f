import numpy as np

from pipeline.data_check.positive_value import describe_values
from pipeline.data_check.positive_value import propose_positive_value


def test_bound_is_the_step_that_about_half_reach():
    # 20% each: 60% reach 3, 40% reach 4; 55% is wanted.
    assert propose_positive_value(np.array([1.0, 2, 3, 4, 5])) == 3
    # 55% reach 4.
    stars = np.repeat([1.0, 2, 3, 4, 5], [10, 10, 25, 30, 25])
    assert propose_positive_value(stars) == 4


def test_bound_is_above_the_lowest_step():
    assert propose_positive_value(np.array([0.0, 1, 1, 1, 1])) == 1


def test_missing_values_do_not_count():
    assert propose_positive_value(np.array([np.nan, 0, 1])) == 1
    assert propose_positive_value(np.array([np.nan])) is None


def test_amounts_and_constants_are_no_scale():
    assert propose_positive_value(np.arange(1000.0)) is None
    assert propose_positive_value(np.ones(10)) is None


def test_share_is_told():
    values = np.array([1.0, 4, 5, np.nan])
    assert describe_values(values, 4) == (
        "the values go from 1 to 5, and 67% are 4 or more"
    )
