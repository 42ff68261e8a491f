"""The page needs no other file, and text stays text."""

import re

from pipeline.report.html_page import render_figure
from pipeline.report.html_page import render_figures
from pipeline.report.html_page import render_lines
from pipeline.report.html_page import render_page
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text

EVIL = "<script>alert('1')</script>"


def test_text_of_people_never_becomes_markup():
    page = render_page(
        EVIL,
        [
            (EVIL, render_text(EVIL)),
            (EVIL, render_lines([EVIL])),
            (EVIL, render_table([EVIL], [[EVIL], [[EVIL]]])),
            (EVIL, render_figure(EVIL, "<svg/>")),
        ],
    )
    assert "<script" not in page
    # title, h1, four headings; text, line, header, cell, list, caption
    assert page.count("&lt;script&gt;") == 12


def test_page_loads_nothing():
    page = render_page("t", [("h", render_figure("c", "<svg/>"))])
    assert not re.search(r"(src|href)=|@import|url\(", page)


def test_page_has_colours_for_light_and_for_dark():
    page = render_page("t", [])
    light, dark = page.split("prefers-color-scheme: dark", 1)
    names = set(re.findall(r"(--\w+): #", light))
    assert {"--ink", "--paper", "--s0", "--s7"} <= names
    assert set(re.findall(r"(--\w+): #", dark)) == names


def test_text_stands_out_from_the_page_in_light_and_in_dark():
    # WCAG 2.1, 1.4.3 and 1.4.11: 4.5 for text, 3 for what figures are made of.
    style = render_page("t", [])
    for scheme in style.split("prefers-color-scheme: dark", 1):
        colors = dict(re.findall(r"--(\w+): #([0-9a-f]{6})", scheme))
        for name, color in colors.items():
            if name in ("rule", "plate", "paper"):
                continue
            least = 3.0 if re.fullmatch(r"s\d", name) else 4.5
            contrast = _compute_contrast(color, colors["paper"])
            assert contrast >= least, (name, contrast)


def test_cells_show_numbers_and_gaps():
    table = render_table(("a",), [(1234,), (0.12345,), (None,), (False,)])
    assert ">1,234<" in table
    assert ">0.1235<" in table or ">0.1234<" in table
    assert ">–<" in table
    assert '<td class="bad">no</td>' in table


def test_cell_of_several_lines_is_a_list():
    table = render_table(("a",), [(["Heat", "Seven"],)])
    assert "<td><ol><li>Heat</li><li>Seven</li></ol></td>" in table


def test_count_that_comes_as_a_float_is_shown_in_full():
    table = render_table(("a",), [(10001.0,), (1.0,), (2345.5,)])
    assert ">10,001<" in table
    assert ">1<" in table
    assert ">2346<" in table or ">2345<" in table


def test_figure_keeps_its_numbers_within_reach():
    figure = render_figure("Loss", "<svg/>", "<table></table>")
    assert "<figcaption>Loss</figcaption>" in figure
    assert re.search(r"<details>.*<table></table></details>", figure)
    assert "<details>" not in render_figure("Loss", "<svg/>")


def test_figures_keep_their_order():
    assert "onetwo" in render_figures(["one", "two"])


def _compute_contrast(one, other):
    lights = sorted(_compute_light(color) for color in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _compute_light(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
        for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
