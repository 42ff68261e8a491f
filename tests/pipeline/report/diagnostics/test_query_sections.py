"""Peers, calibration and popularity, as a page shows them."""

import dataclasses
import re
import xml.etree.ElementTree as ET

import pytest

from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.popularity_bias import compute_popularity_bias
from pipeline.report.diagnostics.query_sections import render_calibration
from pipeline.report.diagnostics.query_sections import render_peers
from pipeline.report.diagnostics.query_sections import render_popularity_bias
from pipeline.runs.figure_names import name_slice
from schemas import events
from tests.pipeline.report.diagnostics.recorded_queries import build_queries

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

SECTIONS = {
    "peers": lambda evidence: render_peers(evidence, [""]),
    "calibration": render_calibration,
    "popularity": render_popularity_bias,
}


@pytest.mark.parametrize("name", SECTIONS)
def test_section_is_well_formed_and_drawn(evidence, name):
    section = ET.fromstring(f"<div>{SECTIONS[name](evidence)}</div>")
    assert section.find(".//svg").get("aria-label")
    assert len(list(section.iter("table"))) >= 1


@pytest.mark.parametrize("name", SECTIONS)
def test_run_without_test_queries_is_told_so(finished_pipeline_run, name):
    empty = Evidence(finished_pipeline_run)
    empty.test_queries = build_queries([], [], 60)
    assert "holds no query" in SECTIONS[name](empty)


def test_bars_stand_beside_peers_on_every_slice(evidence, measured):
    section = render_peers(evidence, measured)
    table = section.partition("<table>")[2].partition("</table>")[0]
    for slice_name, metrics in measured.items():
        count = metrics["example_count"]
        where = re.escape(name_slice(slice_name))
        rows = re.findall(
            rf"<tr><td>{where}</td><td>([^<]*)</td>"
            r'<td class="number">([\d,]+)</td><td class="number">([\d.]+)<',
            table,
        )
        assert [name.partition(",")[0] for name, *_ in rows] == [
            "this run",
            "popularity",
            "item-kNN",
            "EASE",
        ]
        assert {size for _, size, _ in rows} == {f"{count:,.0f}"}
        # The first figure is what the Evaluator measured.
        assert float(rows[0][2]) == pytest.approx(
            metrics["ndcg_at_10"], rel=1e-3
        )


def test_peers_that_read_histories_beat_popularity_in_the_shop(evidence):
    section = render_peers(evidence, [""])
    # Each user of the shop keeps to one genre of four.
    alt = re.search(r"Over all queries: ([^\"]*)\.\"", section)[1]
    figures = {
        part.rpartition(" ")[0].partition(",")[0]: float(
            part.rpartition(" ")[2]
        )
        for part in alt.split("; ")
    }
    assert figures["item-kNN"] > figures["popularity"]
    assert figures["EASE"] > figures["popularity"]


def test_page_owns_up_to_a_sample(evidence, finished_pipeline_run):
    sampled = Evidence(finished_pipeline_run)
    sampled.answers = evidence.answers
    sampled.test_queries = dataclasses.replace(evidence.test_queries, step=4)
    sampled.train = dataclasses.replace(evidence.train, step=2)
    section = render_calibration(sampled)
    assert "one in 4 of the test split" in section
    assert "One in 2 train windows" in section
    assert "All " in render_calibration(evidence)


def test_buckets_are_those_of_the_examples(evidence):
    queries = evidence.test_queries
    found = compute_popularity_bias(
        evidence.train.counts, evidence.answers.slates, queries.targets
    )
    for bucket in found.buckets:
        inside = queries.is_in_slice(f"{events.ITEM_BUCKET}={bucket.bucket}")
        assert bucket.wanted == pytest.approx(inside.mean())
