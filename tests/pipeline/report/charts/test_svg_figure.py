"""What all charts share: text for who cannot see, colours, no surprises."""

import re
import xml.etree.ElementTree as ET

from pipeline.report.charts.svg_figure import NUM_STYLES
from pipeline.report.charts.svg_figure import add_legend
from pipeline.report.charts.svg_figure import choose_style
from pipeline.report.charts.svg_figure import open_figure
from pipeline.report.charts.svg_figure import render_svg

EVIL = "<script>alert('1')\"</script>"


def _draw(alt="Loss falls.", label="", series=("a",)):
    with open_figure(400, 300) as figure:
        plot = figure.add_subplot()
        lines = {
            name: plot.plot([0, 1], [0, 1], **choose_style(number))[0]
            for number, name in enumerate(series)
        }
        plot.set_xlabel(label)
        add_legend(figure, lines)
        return render_svg(figure, alt)


def _read_texts(svg):
    return [text.text for text in ET.fromstring(svg).iter("text")]


def test_chart_says_in_words_what_it_shows():
    svg = ET.fromstring(_draw("Loss falls."))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == svg.findtext("title") == "Loss falls."


def test_text_of_people_never_becomes_markup():
    svg = _draw(EVIL, EVIL, [EVIL])
    assert "<script" not in svg
    assert ET.fromstring(svg).get("aria-label") == EVIL
    assert _read_texts(svg).count(EVIL) == 2


def test_text_is_shown_as_it_was_written():
    names = ["_Action", "$5 and $6", "naïve"]
    assert set(names) <= set(_read_texts(_draw(series=names)))


def test_same_chart_is_the_same_text():
    assert _draw() == _draw()


def test_charts_of_one_page_share_no_id():
    first, second = (
        {element.get("id") for element in ET.fromstring(_draw(alt)).iter()}
        for alt in ("one", "two")
    )
    assert first & second == {None}


def test_every_reference_leads_to_an_element():
    svg = _draw()
    ids = {element.get("id") for element in ET.fromstring(svg).iter()}
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    assert used
    assert used <= ids


def test_chart_needs_nothing_from_elsewhere():
    svg = _draw()
    assert "://" not in svg
    assert "<style" not in svg  # it would hold on all of the page


def test_colours_are_those_of_the_page():
    svg = _draw(series=[f"{n}" for n in range(NUM_STYLES)])
    assert re.findall(r"(?:stroke|fill): #", svg) == []
    used = set(re.findall(r"var\(--(\w+)\)", svg))
    assert used == {"ink", "faint", "rule", *(f"s{n}" for n in range(8))}


def test_neighbouring_series_differ_in_colour_and_in_shape():
    styles = [choose_style(number) for number in range(4)]
    assert len({style["color"] for style in styles}) == 4
    assert len({style["marker"] for style in styles}) == 4


def test_more_series_than_styles_begin_again():
    assert choose_style(0) == choose_style(NUM_STYLES)


def test_legend_of_many_names_lies_within_the_chart():
    svg = ET.fromstring(_draw(series=[f"{'a' * 40}{n}" for n in range(5)]))
    _, _, width, height = map(float, svg.get("viewBox").split())
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x")) < width
        assert 0 <= float(text.get("y")) <= height
