"""Bars are as long as their values, and in the order given."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from pipeline.report.charts.bar_chart import Bar
from pipeline.report.charts.bar_chart import render_bar_chart


def _draw(groups, series=("a", "b")):
    return ET.fromstring(render_bar_chart("alt", "NDCG@10", series, groups))


def test_twice_the_value_is_twice_as_long():
    svg = _draw({"all": [Bar(0.1), Bar(0.2)]})
    short, long = (float(bar.get("width")) for bar in svg.iter("rect"))
    assert long == pytest.approx(2 * short, abs=0.1)  # a tenth of a pixel


def test_first_group_and_first_series_are_on_top():
    svg = _draw({"all": [Bar(1), Bar(1)], "tail": [Bar(1), Bar(1)]})
    tops = [float(bar.get("y")) for bar in svg.iter("rect")]
    assert tops == sorted(tops)
    styles = [bar.get("class") for bar in svg.iter("rect")]
    assert styles == ["s0", "s1", "s0", "s1"]


def test_bars_do_not_overlap():
    svg = _draw({"all": [Bar(1), Bar(1)], "tail": [Bar(1), Bar(1)]})
    bars = list(svg.iter("rect"))
    for upper, lower in itertools.pairwise(bars):
        end = float(upper.get("y")) + float(upper.get("height"))
        assert end <= float(lower.get("y"))


def test_whisker_spans_one_error_to_each_side():
    svg = _draw({"all": [Bar(0.4, 0.1), Bar(0.5)]})
    whisker = next(x for x in svg.iter("line") if x.get("class") == "error")
    bar = next(svg.iter("rect"))
    end = float(bar.get("x")) + float(bar.get("width"))
    low, high = float(whisker.get("x1")), float(whisker.get("x2"))
    assert (low + high) / 2 == pytest.approx(end, abs=0.1)
    # The error is a quarter of the value.
    assert high - end == pytest.approx(float(bar.get("width")) / 4, abs=0.1)


def test_missing_value_leaves_its_place_empty():
    svg = _draw({"all": [Bar(None), Bar(0.2)]})
    assert [bar.get("class") for bar in svg.iter("rect")] == ["s1"]


def test_bars_of_nothing_but_zeros_are_drawn():
    svg = _draw({"all": [Bar(0.0), Bar(0.0)]})
    assert [float(bar.get("width")) for bar in svg.iter("rect")] == [0.0, 0.0]


def test_names_of_groups_are_text():
    assert "&lt;b&gt;" in render_bar_chart("", "x", ["a"], {"<b>": [Bar(1)]})
