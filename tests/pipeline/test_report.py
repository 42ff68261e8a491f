"""The page tells the whole run, and needs nothing else."""

import re

import pytest

from pipeline import cli

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

HEADINGS = (
    "Rejected rows",
    "Data statistics",
    "Anomalies",
    "Behaviour",
    "Training",
    "Metrics per slice",
    "Example slates",
)


@pytest.fixture(scope="module")
def page(finished_run, tmp_path_factory):
    output = tmp_path_factory.mktemp("report") / "report.html"
    arguments = ["--root", str(finished_run.root), "--output", str(output)]
    assert cli.main(["report", *arguments]) == cli.EXIT_OK
    return output.read_text()


@pytest.mark.parametrize("heading", HEADINGS)
def test_section_is_there_and_filled(page, heading):
    section = page.partition(f"<h2>{heading}</h2>")[2].partition("</section>")[
        0
    ]
    assert len(section.strip()) > len("<p></p>")
    assert "did not get that far" not in section


def test_page_refers_to_nothing_outside(page):
    assert not re.search(r"""(src|href)=|@import|url\(|<script""", page)


def test_training_curves_are_drawn(page):
    assert "<polyline" in page


def test_metrics_are_told_per_slice(page):
    assert "history_bucket=" in page
    assert "ndcg_at_10" in page


def test_slates_tell_titles_and_reasons(page):
    slates = page.partition("<h2>Example slates</h2>")[2]
    assert re.search(r"1\. the \w+ \d+", slates)
    assert "because of the " in slates
