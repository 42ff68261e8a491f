"""Ticks are round, and read as what is measured."""

import pytest
from matplotlib.figure import Figure

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.axis import set_axes


def _write_ticks(low, high, **options):
    axis = Axis(label="", low=low, high=high, **options)
    figure = Figure()
    plot = figure.add_subplot()
    set_axes(plot, axis, axis)
    figure.draw_without_rendering()
    ticks = zip(plot.get_xticks(), plot.get_xticklabels(), strict=True)
    return [text.get_text() for at, text in ticks if low <= at <= high]


def test_ticks_are_round():
    # A fifth of 10 is 2; a fifth of 1 is 0.2.
    assert _write_ticks(0, 10) == ["0", "2", "4", "6", "8", "10"]
    assert _write_ticks(0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


def test_small_values_keep_their_digits():
    assert _write_ticks(0.0005, 0.0015)[0] == "0.0006"


def test_counts_have_no_ticks_in_between():
    assert _write_ticks(0, 11) == ["0.0", "2.5", "5.0", "7.5", "10.0"]
    assert _write_ticks(0, 11, is_whole=True) == ["0", "5", "10"]
    assert _write_ticks(0, 1, is_whole=True) == ["0", "1"]


def test_shares_read_as_per_cent():
    ticks = _write_ticks(0, 1, is_share=True)
    assert ticks == ["0%", "20%", "40%", "60%", "80%", "100%"]


def test_axis_without_ticks_shows_no_number():
    assert _write_ticks(0, 1, is_ticked=False) == []


@pytest.mark.parametrize("values", [[3.0], [0.001, 0.001], [0.0]])
def test_level_values_get_space_around_them(values):
    plot = Figure().add_subplot()
    plot.plot(values, values)
    set_axes(plot, Axis(label="x"), Axis(label="y"))
    for low, high in (plot.get_xlim(), plot.get_ylim()):
        assert low < values[0] < high
