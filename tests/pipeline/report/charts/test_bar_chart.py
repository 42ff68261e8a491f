"""Bars are as long as their values, and in the order given."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from pipeline.report.charts.bar_chart import Bar
from pipeline.report.charts.bar_chart import render_bar_chart


def _draw(groups, series=("a", "b")):
    return ET.fromstring(render_bar_chart("alt", "NDCG@10", series, groups))


def _read_bars(svg, name="bar"):
    """Returns (left, right, top, bottom, class) of each, from the top."""
    found = []
    for group in svg.iter("g"):
        if (group.get("class") or "").startswith(name):
            numbers = re.findall(
                r"[ML] (\S+) (\S+)", group.find("path").get("d")
            )
            x, y = ([float(pair[n]) for pair in numbers] for n in range(2))
            found.append((min(x), max(x), min(y), max(y), group.get("class")))
    return sorted(found, key=lambda bar: bar[2])


def _read_length(bar):
    return bar[1] - bar[0]


def test_twice_the_value_is_twice_as_long():
    short, long = _read_bars(_draw({"all": [Bar(0.1), Bar(0.2)]}))
    assert _read_length(long) == pytest.approx(2 * _read_length(short), abs=0.1)


def test_first_group_and_first_series_are_on_top():
    svg = _draw({"all": [Bar(1), Bar(1)], "tail": [Bar(1), Bar(1)]})
    styles = [bar[-1] for bar in _read_bars(svg)]
    assert styles == ["bar s0", "bar s1", "bar s0", "bar s1"]
    names = {text.text: float(text.get("y")) for text in svg.iter("text")}
    assert names["all"] < names["tail"]


def test_bars_do_not_overlap():
    svg = _draw({"all": [Bar(1), Bar(1)], "tail": [Bar(1), Bar(1)]})
    for upper, lower in itertools.pairwise(_read_bars(svg)):
        assert upper[3] <= lower[2]


def test_whisker_spans_one_error_to_each_side():
    svg = _draw({"all": [Bar(0.4, 0.1), Bar(0.5)]})
    left, right, *_ = _read_bars(svg)[0]
    low, high, *_ = _read_bars(svg, "error")[0]
    assert (low + high) / 2 == pytest.approx(right, abs=0.1)
    # The error is a quarter of the value.
    assert high - right == pytest.approx((right - left) / 4, abs=0.1)


def test_whisker_does_not_go_below_zero():
    svg = _draw({"all": [Bar(0.1, 0.3), Bar(0.5)]})
    low, *_ = _read_bars(svg, "error")[0]
    assert low == pytest.approx(_read_bars(svg)[0][0], abs=0.1)


def test_missing_value_leaves_its_place_empty():
    svg = _draw({"all": [Bar(None), Bar(0.2)]})
    assert [bar[-1] for bar in _read_bars(svg)] == ["bar s1"]


def test_bars_of_nothing_but_zeros_are_drawn():
    svg = _draw({"all": [Bar(0.0), Bar(0.0)]})
    assert [_read_length(bar) for bar in _read_bars(svg)] == [0.0, 0.0]


def test_names_of_groups_are_text():
    assert "&lt;b&gt;" in render_bar_chart("", "x", ["a"], {"<b>": [Bar(1)]})
