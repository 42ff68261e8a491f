"""The map and the neighbours, as a page shows them."""

import dataclasses
import re
import xml.etree.ElementTree as ET

import pytest

from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.item_sections import render_embedding_map
from pipeline.report.diagnostics.item_sections import render_nearest_items
from tests.pipeline.conftest import GENRES
from tests.pipeline.conftest import NUM_ITEMS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


def test_every_item_is_a_dot_that_tells_its_title(evidence):
    section = ET.fromstring(f"<div>{render_embedding_map(evidence)}</div>")
    names = {
        group.get("class"): [dot.findtext("title") for dot in group.iter("use")]
        for group in section.iter("g")
        if group.get("class", "").startswith("dots")
    }
    titles = [title for one in names.values() for title in one]
    assert len(set(titles)) == len(titles) == NUM_ITEMS
    assert "the house 4 (Horror)" in titles
    genres = [{title.split()[-1] for title in one} for one in names.values()]
    # One colour a genre, and another one for each.
    assert sorted(genres, key=min) == [{f"({one})"} for one in sorted(GENRES)]


def test_table_says_what_the_colours_show(evidence):
    section = render_embedding_map(evidence)
    for genre in GENRES:
        row = re.search(rf"<tr><td>{genre}</td>(.*)</tr>", section)[1]
        assert '<td class="number">20</td>' in row  # a quarter of 80 items
        assert '<td class="number">0.2405</td>' in row  # at random, 19 of 79


def test_map_of_two_items_is_not_drawn(evidence, finished_pipeline_run):
    few = Evidence(finished_pipeline_run)
    few.fused_map = dataclasses.replace(
        evidence.fused_map,
        rows=evidence.fused_map.rows[:2],
        vectors=evidence.fused_map.vectors[:2],
    )
    assert "too few items" in render_embedding_map(few)


def test_ten_titles_have_neighbours_of_three_kinds(evidence):
    section = ET.fromstring(f"<div>{render_nearest_items(evidence)}</div>")
    header, *rows = section.iter("tr")
    assert [cell.text for cell in header] == [
        "title",
        "by text",
        "by behaviour",
        "fused",
    ]
    assert len(rows) == 10
    for row in rows:
        title, *lists = row
        assert re.fullmatch(r"the \w+ \d+", title.text)
        assert [len(cell.findall("ol/li")) for cell in lists] == [5, 5, 5]
