"""Dots lie where they belong and tell their names."""

import xml.etree.ElementTree as ET

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.scatter_chart import Dot
from pipeline.report.charts.scatter_chart import render_scatter_chart

AXES = tuple(Axis(label="c", low=0.0, high=1.0) for _ in range(2))


def _draw(series):
    svg = render_scatter_chart("alt", AXES, series)
    return ET.fromstring(svg).find("g[@class='dots']")


def test_each_dot_is_drawn_in_the_style_of_its_series():
    dots = _draw({"x": [Dot(0, 0, "p"), Dot(1, 1, "q")], "y": [Dot(0, 1, "r")]})
    assert [dot.get("class") for dot in dots] == ["s0", "s0", "s1"]


def test_dot_further_up_is_higher():
    low, high = _draw({"x": [Dot(0.2, 0, "p"), Dot(0.7, 1, "q")]})
    assert float(high.get("cy")) < float(low.get("cy"))
    assert float(high.get("cx")) > float(low.get("cx"))


def test_dot_tells_its_name_as_text():
    (dot,) = _draw({"x": [Dot(0, 0, "Toy <Story> & co")]})
    assert dot.findtext("title") == "Toy <Story> & co"
