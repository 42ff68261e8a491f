"""The page tells the whole run, and needs nothing else."""

import re
import xml.etree.ElementTree as ET

import pytest

from pipeline.commands import cli
from pipeline.commands import recommendation
from pipeline.report import diagnostics

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

HEADINGS = (
    "Rejected rows",
    "Data statistics",
    "Anomalies",
    "Behaviour",
    "Learning curves",
    "Metrics per slice",
    "Against peers",
    "Calibration",
    "Popularity",
    "Item map",
    "Nearest titles",
    "Example slates",
)


@pytest.fixture(scope="module")
def page(
    finished_run,
    finished_pipeline_run,
    evidence,
    finished_server,
    tmp_path_factory,
):
    """The page, from evidence and a server that other tests share.

    To load the model again for the page alone would take seconds, twice.
    """
    output = tmp_path_factory.mktemp("report") / "report.html"
    arguments = ["--root", str(finished_run.root), "--output", str(output)]
    open_client = recommendation.open_client

    def ask_running(folder, address):
        assert address is None
        return open_client(folder, f"localhost:{finished_server.port}")

    def share_evidence(run):
        assert run == finished_pipeline_run
        return evidence

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnostics, "Evidence", share_evidence)
        patch.setattr(recommendation, "open_client", ask_running)
        assert cli.main(["report", *arguments]) == cli.EXIT_OK
    return output.read_text()


@pytest.mark.parametrize("heading", HEADINGS)
def test_section_is_there_and_filled(page, heading):
    section = page.partition(f"<h2>{heading}</h2>")[2].partition("</section>")[
        0
    ]
    assert len(section.strip()) > len("<p></p>")
    assert "did not get that far" not in section


def test_page_is_well_formed(page):
    body = page.partition("<body>")[2].partition("</body>")[0]
    assert ET.fromstring(f"<body>{body}</body>") is not None


def test_page_refers_to_nothing_outside(page):
    outside = r"""(src|href)="(?!#)|@import|url\((?!#)|<script|://"""
    assert not re.search(outside, page)


def test_every_chart_says_in_words_what_it_shows(page):
    charts = re.findall(r"<svg[^>]*>", page)
    # loss, learning rate, three metrics; two of peers; three more
    assert len(charts) >= 10
    assert all(re.search(r'role="img" aria-label="[^"]+"', c) for c in charts)


def test_loss_and_eval_metrics_are_drawn_by_epoch(page):
    section = page.partition("<h2>Learning curves</h2>")[2]
    section = section.partition("</section>")[0]
    assert "loss by epoch: train from" in section
    assert "ndcg_at_10 by epoch: validation from" in section


def test_metrics_are_told_per_slice(page):
    assert "history_bucket=" in page
    assert "ndcg_at_10" in page


def test_slates_tell_titles_and_reasons(page):
    slates = page.partition("<h2>Example slates</h2>")[2]
    assert re.search(r"1\. the \w+ \d+", slates)
    assert "because of the " in slates
