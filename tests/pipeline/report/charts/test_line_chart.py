"""Lines lie where their points are."""

import re
import xml.etree.ElementTree as ET

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.line_chart import render_line_chart

AXES = tuple(Axis(label="unit", low=0.0, high=10.0) for _ in range(2))


def _draw(lines, **options):
    return ET.fromstring(render_line_chart("alt", AXES, lines, **options))


def _find(svg, name):
    return svg.find(f".//g[@class='{name}']")


def _read_points(group):
    numbers = re.findall(r"[ML] (\S+) (\S+)", group.find("path").get("d"))
    return [tuple(map(float, pair)) for pair in numbers]


def test_rising_line_is_drawn_upwards():
    (x0, y0), (x1, y1) = _read_points(
        _find(_draw({"loss": [(0, 1), (10, 3)]}), "line s0")
    )
    assert x1 > x0
    assert y1 < y0  # SVG counts from the top


def test_single_point_can_be_seen():
    line = _find(_draw({"loss": [(3, 0.5)]}), "line s0")
    assert len(list(line.iter("use"))) == 1


def test_long_line_has_no_markers_that_run_together():
    points = [(n / 100, n / 100) for n in range(1000)]
    line = _find(_draw({"loss": points}), "line s0")
    assert list(line.iter("use")) == []
    assert len(_read_points(line)) == 1000


def test_each_line_has_a_style_and_a_name():
    svg = _draw({"train": [(0, 0)], "eval": [(0, 1)]})
    assert _find(svg, "line s0") is not None
    assert _find(svg, "line s1") is not None
    assert {"train", "eval"} <= {text.text for text in svg.iter("text")}


def test_guide_lies_behind_the_lines():
    svg = _draw({"a": [(0, 0), (1, 1)]}, guide=((0, 0), (10, 10)))
    names = [group.get("class") for group in svg.iter("g")]
    assert names.index("guide") < names.index("line s0")
    (x0, y0), (x1, y1) = _read_points(_find(svg, "guide"))
    assert x1 > x0
    assert y1 < y0


def test_interval_reaches_from_its_low_to_its_high_end():
    svg = _draw({"a": [(5, 0), (5, 10)]}, intervals=[(5, 0, 10)])
    assert sorted(_read_points(_find(svg, "error"))) == sorted(
        _read_points(_find(svg, "line s0"))
    )
