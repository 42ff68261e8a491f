"""Ticks are round, lie within the axis, and can be told apart."""

import pytest

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.axis import fit_axis


def _write_ticks(low, high, **options):
    axis = Axis(label="", low=low, high=high, **options)
    return [text for _, text in axis.list_ticks()]


def test_ticks_are_round():
    # A fifth of 10 is 2; a fifth of 1 is 0.2.
    assert _write_ticks(0, 10) == ["0", "2", "4", "6", "8", "10"]
    assert _write_ticks(0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert _write_ticks(0, 1000)[-1] == "1,000"


def test_small_values_keep_their_digits():
    assert _write_ticks(0.0005, 0.0015)[0] == "0.0006"


def test_counts_have_no_ticks_in_between():
    assert _write_ticks(0, 11) == ["0.0", "2.5", "5.0", "7.5", "10.0"]
    assert _write_ticks(0, 11, is_whole=True) == ["0", "5", "10"]
    assert _write_ticks(0, 1, is_whole=True) == ["0", "1"]


def test_shares_read_as_per_cent():
    assert _write_ticks(0, 0.4, is_share=True) == [
        "0%",
        "10%",
        "20%",
        "30%",
        "40%",
    ]


def test_no_tick_is_minus_zero():
    assert "-0" not in _write_ticks(-3, 3)
    assert "-0.0" not in _write_ticks(-0.3, 0.3)


def test_ends_of_the_axis_are_its_bounds():
    axis = Axis(label="", low=-1, high=3)
    assert (axis.place(-1), axis.place(1), axis.place(3)) == (0, 0.5, 1)


def test_fitted_axis_just_holds_all_values():
    axis = fit_axis("x", [3, -1, 2])
    assert (axis.low, axis.high) == (-1, 3)


def test_level_values_get_air_to_their_own_scale():
    axis = fit_axis("x", [0.001, 0.001])
    # Half of the value below it and half above.
    assert axis.low == pytest.approx(0.0005)
    assert axis.high == pytest.approx(0.0015)
    assert fit_axis("x", [0.0]).low == -0.5


def test_axis_without_extent_is_refused():
    with pytest.raises(ValueError, match="low=2, high=2"):
        Axis(label="", low=2, high=2)
