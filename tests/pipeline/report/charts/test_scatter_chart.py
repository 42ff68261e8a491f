"""Dots lie where they belong and tell their names."""

import xml.etree.ElementTree as ET

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.scatter_chart import Dot
from pipeline.report.charts.scatter_chart import render_scatter_chart

AXES = tuple(Axis(label="c", low=0.0, high=1.0) for _ in range(2))


def _draw(series):
    return ET.fromstring(render_scatter_chart("alt", AXES, series))


def _find_dots(svg, number):
    return list(svg.find(f".//g[@class='dots s{number}']").iter("use"))


def test_each_dot_is_drawn_in_the_style_of_its_series():
    svg = _draw({"x": [Dot(0, 0, "p"), Dot(1, 1, "q")], "y": [Dot(0, 1, "r")]})
    assert [len(_find_dots(svg, number)) for number in (0, 1)] == [2, 1]
    assert "--s1" in _find_dots(svg, 1)[0].get("style")


def test_dot_further_up_is_higher():
    low, high = _find_dots(
        _draw({"x": [Dot(0.2, 0, "p"), Dot(0.7, 1, "q")]}), 0
    )
    assert float(high.get("y")) < float(low.get("y"))
    assert float(high.get("x")) > float(low.get("x"))


def test_dot_tells_its_name_as_text():
    (dot,) = _find_dots(_draw({"x": [Dot(0, 0, "Toy <Story> & co")]}), 0)
    assert dot.findtext("title") == "Toy <Story> & co"


def test_series_without_dots_is_named():
    svg = _draw({"x": [Dot(0, 0, "p")], "empty": []})
    assert "empty" in [text.text for text in svg.iter("text")]
