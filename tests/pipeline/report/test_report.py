"""The page tells the whole run, and needs nothing else."""

import re
import xml.etree.ElementTree as ET

import pytest

from benchmarks.gateway.page import GatewayPage
from benchmarks.gateway.page import find_chromium
from benchmarks.gateway.page import open_chromium
from pipeline.commands import cli
from pipeline.commands import recommendation
from pipeline.report import diagnostics

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

HEADINGS = (
    "Figures and thresholds",
    "Trend over runs",
    "Stages",
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


@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_no_wider_than_the_screen(page, width, tmp_path):
    try:
        find_chromium()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    path = tmp_path / "report.html"
    path.write_text(page)
    with open_chromium() as browser:
        tab = GatewayPage(browser)
        tab.show_as(width, 800)
        browser.get(path.as_uri())
        ends = browser.execute_script(
            "return [...document.querySelectorAll('section, .columns, .stack')]"
            ".map(part => part.getBoundingClientRect().right)"
        )
        assert len(ends) > len(HEADINGS)
        assert max(ends) <= width
        assert not browser.get_log("browser")


def test_every_chart_says_in_words_what_it_shows(page):
    charts = re.findall(r"<svg[^>]*>", page)
    # loss, three metrics; two of peers; three more
    assert len(charts) >= 9
    assert all(re.search(r'role="img" aria-label="[^"]+"', c) for c in charts)


def test_loss_and_eval_metrics_are_drawn_by_epoch(page):
    section = page.partition("<h2>Learning curves</h2>")[2]
    section = section.partition("</section>")[0]
    assert "loss by epoch: train from" in section
    assert "ndcg_at_10 by epoch: validation from" in section


def _find_section(page, heading):
    return page.partition(f"<h2>{heading}</h2>")[2].partition("</section>")[0]


def test_head_tells_the_decision_and_the_main_figures(page):
    head = page.partition("<header>")[2].partition("</header>")[0]
    assert re.search(r"<h1>The model was pushed as version \d+\.</h1>", head)
    for name in ("NDCG@10 of liked items", "Items found by their title"):
        assert f"<dt>{name}</dt>" in head
    assert "shop: 800 events of 40 users on 80 items" in head
    # conftest.py: START is 14 July 2017, and there is an event a day.
    assert "14 July 2017 to 2 August 2017" in head


def test_metrics_are_told_per_slice(page):
    section = _find_section(page, "Metrics per slice")
    assert re.search(r"history of \S+ events", section)
    assert ">NDCG@10<" in section


def test_days_are_told_as_days(page):
    section = _find_section(page, "Data statistics")
    assert re.search(r">14 July 2017 to \d+ \w+ 2017<", section)


def test_slates_tell_titles_and_reasons(page):
    slates = _find_section(page, "Example slates")
    assert re.search(r"<li>the \w+ \d+<small>because ", slates)
    assert "because of the " in slates
    assert "A new user who needs" in slates
    assert "because you asked for" in slates
