"""The page needs no other file, and text stays text."""

import re

import pytest

from pipeline.report.html_page import Card
from pipeline.report.html_page import render_cards
from pipeline.report.html_page import render_columns
from pipeline.report.html_page import render_figure
from pipeline.report.html_page import render_figures
from pipeline.report.html_page import render_heading
from pipeline.report.html_page import render_list
from pipeline.report.html_page import render_page
from pipeline.report.html_page import render_subheading
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text

EVIL = "<script>alert('1')</script>"


def test_text_of_people_never_becomes_markup():
    page = render_page(
        EVIL,
        render_heading(EVIL, EVIL),
        [
            (EVIL, render_text(EVIL)),
            (EVIL, render_subheading(EVIL)),
            (EVIL, render_columns([render_list([(EVIL, [EVIL])])])),
            (EVIL, render_cards([Card(EVIL, EVIL, [EVIL])])),
            (EVIL, render_table([EVIL], [[EVIL], [[EVIL]]], is_stacked=True)),
            (EVIL, render_figure(EVIL, "<svg/>")),
        ],
    )
    assert "<script" not in page
    # title, over, h1; six headings, twice: in the contents, too; text,
    # heading, entry, note; name, value and note of the card; header, cell and
    # list, of these two with the name of the column; caption
    assert page.count("&lt;script&gt;") == 3 + 12 + 4 + 3 + 5 + 1


def test_page_loads_nothing():
    page = render_page("t", "", [("h", render_figure("c", "<svg/>"))])
    assert not re.search(r"""(src|href)="(?!#)|@import|url\(""", page)


def test_contents_lead_to_every_section():
    page = render_page("t", "", [("Against peers", ""), ("1 of 2", "")])
    links = re.findall(r'href="#([^"]+)">([^<]+)<', page)
    assert links == [("against-peers", "Against peers"), ("1-of-2", "1 of 2")]
    assert re.findall(r'<section id="([^"]+)"', page) == [
        name for name, _ in links
    ]


def test_page_is_as_wide_as_a_phone():
    assert 'name="viewport" content="width=device-width' in render_page(
        "t", "", []
    )


def test_card_tells_whether_it_is_as_asked_for():
    good, missed, open_ = (
        render_cards([Card("NDCG", "0.5", [], is_ok)])
        for is_ok in (True, False, None)
    )
    assert 'class="card good"' in good
    assert 'class="card missed"' in missed
    assert 'class="card"' in open_


def test_cells_show_numbers_and_gaps():
    table = render_table(
        ("a", "ok"), [(1234, True), (0.12345, False), (None, None)]
    )
    assert ">1,234<" in table
    assert ">0.1235<" in table or ">0.1234<" in table
    assert ">–<" in table
    assert re.search(r'<td class="bad"[^>]*>no</td>', table)


def test_nobody_has_to_read_an_exponent():
    assert ">0.00007<" in render_table(("a",), [(7e-05,)])


@pytest.mark.parametrize(
    ("cells", "is_right"),
    [
        ((1, None), True),
        (("0.02", "–", "1,234"), True),
        (("8.2 ms", "−0.5", "100%", "+2 ms"), True),
        (("at least 0.02", "–"), False),
        (("1984", "Heat"), False),
        ((True, False), False),
        ((None, None), False),
    ],
)
def test_column_of_numbers_stands_on_the_right(cells, is_right):
    table = render_table(("a",), [(cell,) for cell in cells])
    assert table.count('class="number"') == is_right * (len(cells) + 1)


def test_phone_is_told_the_name_of_a_column_beside_each_cell():
    table = render_table(("title", "score"), [("Heat", 1)], is_stacked=True)
    assert '<table class="stack">' in table
    assert 'data-name="score">1<' in table


def test_cell_of_several_lines_is_a_list():
    table = render_table(("a",), [(["Heat", "Seven"],)])
    assert "><ol><li>Heat</li><li>Seven</li></ol></td>" in table


def test_count_that_comes_as_a_float_is_shown_in_full():
    table = render_table(("a",), [(10001.0,), (1.0,), (2345.5,)])
    assert ">10,001<" in table
    assert ">1<" in table
    assert ">2,346<" in table or ">2,345<" in table


def test_figure_keeps_its_numbers_within_reach():
    figure = render_figure("Loss", "<svg/>", "<table></table>")
    assert "<figcaption>Loss</figcaption>" in figure
    assert re.search(r"<details>.*<table></table></details>", figure)
    assert "<details>" not in render_figure("Loss", "<svg/>")


def test_figures_keep_their_order():
    assert "onetwo" in render_figures(["one", "two"])
