"""The page needs no other file, and text stays text."""

import re
import xml.etree.ElementTree as ET

from pipeline.html_page import render_chart
from pipeline.html_page import render_lines
from pipeline.html_page import render_page
from pipeline.html_page import render_table
from pipeline.html_page import render_text

EVIL = "<script>alert('1')</script>"


def test_text_of_people_never_becomes_markup():
    page = render_page(
        EVIL,
        [
            (EVIL, render_text(EVIL)),
            (EVIL, render_lines([EVIL])),
            (EVIL, render_table([EVIL], [[EVIL]])),
            (EVIL, render_chart(EVIL, {EVIL: [(0, 1)]})),
        ],
    )
    assert "<script" not in page
    # title, h1, four headings; text, line, header, cell, chart, legend
    assert page.count("&lt;script&gt;") == 12


def test_page_loads_nothing():
    page = render_page("t", [("h", render_chart("c", {"a": [(0, 0)]}))])
    assert not re.search(r"(src|href)=|@import|url\(", page)


def test_cells_show_numbers_and_gaps():
    table = render_table(("a",), [(1234,), (0.12345,), (None,), (False,)])
    assert ">1,234<" in table
    assert ">0.1235<" in table or ">0.1234<" in table
    assert ">–<" in table
    assert '<td class="bad">no</td>' in table


def test_count_that_comes_as_a_float_is_shown_in_full():
    table = render_table(("a",), [(10001.0,), (1.0,), (2345.5,)])
    assert ">10,001<" in table
    assert ">1<" in table
    assert ">2346<" in table or ">2345<" in table


def test_scale_of_a_level_line_fits_its_value():
    chart = render_chart("learning_rate", {"train": [(0, 0.001), (9, 0.001)]})
    assert ">0.0005<" in chart  # half of it below, half of it above
    assert ">0.0015<" in chart


def test_chart_draws_a_rising_line_upwards():
    chart = ET.fromstring(render_chart("loss", {"train": [(0, 1), (10, 3)]}))
    points = chart.find("polyline").get("points").split()
    (x0, y0), (x1, y1) = (map(float, p.split(",")) for p in points)
    assert x1 > x0
    assert y1 < y0  # SVG counts from the top


def test_chart_of_a_single_point_is_drawn():
    chart = ET.fromstring(render_chart("loss", {"train": [(3, 0.5)]}))
    assert chart.find("polyline") is not None
