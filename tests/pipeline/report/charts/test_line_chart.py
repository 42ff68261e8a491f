"""Lines lie where their points are."""

import xml.etree.ElementTree as ET

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.line_chart import render_line_chart

AXES = tuple(Axis(label="unit", low=0.0, high=10.0) for _ in range(2))


def _draw(lines, **options):
    return ET.fromstring(render_line_chart("alt", AXES, lines, **options))


def _read_points(polyline):
    return [
        tuple(map(float, point.split(",")))
        for point in polyline.get("points").split()
    ]


def test_rising_line_is_drawn_upwards():
    (x0, y0), (x1, y1) = _read_points(
        _draw({"loss": [(0, 1), (10, 3)]}).find("polyline")
    )
    assert x1 > x0
    assert y1 < y0  # SVG counts from the top


def test_single_point_can_be_seen():
    svg = _draw({"loss": [(3, 0.5)]})
    markers = [c for c in svg.iter("circle") if float(c.get("r")) == 3.0]
    assert len(markers) == 1


def test_long_line_is_not_smeared_with_markers():
    svg = _draw({"loss": [(n / 100, n / 100) for n in range(1000)]})
    assert [c for c in svg.iter("circle") if float(c.get("r")) == 3.0] == []


def test_each_line_has_a_style_and_a_name():
    svg = _draw({"train": [(0, 0)], "eval": [(0, 1)]})
    styles = [line.get("class") for line in svg.iter("polyline")]
    assert styles == ["line s0", "line s1"]
    assert {"train", "eval"} <= {text.text for text in svg.iter("text")}


def test_guide_lies_behind_the_lines():
    svg = _draw({"a": [(0, 0), (1, 1)]}, guide=((0, 0), (10, 10)))
    first, second = svg.iter("polyline")
    assert first.get("class") == "guide"
    (x0, y0), (x1, y1) = _read_points(first)
    assert x1 > x0
    assert y1 < y0
    assert second.get("class") == "line s0"


def test_interval_reaches_from_its_low_to_its_high_end():
    svg = _draw({"a": [(5, 5)]}, intervals=[(5, 0, 10)])
    bar = next(x for x in svg.iter("line") if x.get("class") == "error")
    grid = [x for x in svg.iter("line") if x.get("class") == "grid"]
    heights = {float(x.get("y1")) for x in grid}
    assert float(bar.get("y1")) == max(heights)  # the bottom
    assert float(bar.get("y2")) == min(heights)  # the top
