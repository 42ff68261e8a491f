"""What the charts share: places, text for who cannot see, the legend."""

import xml.etree.ElementTree as ET

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.frame import NUM_STYLES
from pipeline.report.charts.frame import Frame
from pipeline.report.charts.frame import render_marker

EVIL = "<script>alert('1')\"</script>"
UNIT = Axis(label="unit", low=0.0, high=1.0)


def test_places_go_rightwards_and_upwards():
    frame = Frame(x=UNIT, y=UNIT)
    (left, bottom), (right, top) = frame.place(0, 0), frame.place(1, 1)
    assert left < right
    assert top < bottom  # SVG counts from the top


def test_places_lie_within_the_chart():
    frame = Frame(x=UNIT, y=UNIT, legend=["a" * 40] * 5)
    svg = ET.fromstring(frame.render("alt", ""))
    _, _, width, height = map(float, svg.get("viewBox").split())
    for corner in ((0, 0), (1, 1)):
        left, top = frame.place(*corner)
        assert 0 < left < width
        assert 0 < top < height


def test_chart_says_in_words_what_it_shows():
    svg = ET.fromstring(Frame(x=UNIT, y=UNIT).render("Loss falls.", ""))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == svg.findtext("title") == "Loss falls."


def test_long_legend_runs_on_below_and_pushes_the_data_down():
    short = Frame(x=UNIT, y=UNIT, legend=["a"])
    long = Frame(x=UNIT, y=UNIT, legend=["a" * 50, "b" * 50])
    assert long.place(0, 1)[1] > short.place(0, 1)[1]


def test_text_of_people_never_becomes_markup():
    axis = Axis(label=EVIL, low=0, high=1)
    svg = Frame(x=axis, y=axis, legend=[EVIL]).render(EVIL, "")
    assert "<script" not in svg
    assert ET.fromstring(svg).get("aria-label") == EVIL


def test_axis_without_ticks_shows_no_number():
    silent = Axis(label="component", low=0, high=1, is_ticked=False)
    svg = ET.fromstring(Frame(x=silent, y=silent).render("", ""))
    assert [t.text for t in svg.iter("text")] == ["component", "component"]


def test_neighbouring_series_differ_in_colour_and_in_shape():
    marks = [ET.fromstring(render_marker(s, 5, 5, 2)) for s in range(4)]
    assert len({mark.get("class") for mark in marks}) == 4
    shapes = {
        (mark.tag, len(mark.get("points", "").split()), mark.get("points"))
        for mark in marks
    }
    assert len(shapes) == 4


def test_more_series_than_styles_begin_anew():
    assert render_marker(0, 1, 1, 2) == render_marker(NUM_STYLES, 1, 1, 2)
