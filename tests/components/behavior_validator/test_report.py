"""The page and the JSON of the verdicts."""

import dataclasses
import json

from components.behavior_validator.report import render_html
from components.behavior_validator.report import render_json
from components.behavior_validator.verdict import Verdict

VERDICT = Verdict(
    check="unknown_items",
    description="events on items that the catalogue lacks",
    count=1200,
    population=4800,
    share=0.25,
    threshold=0.05,
    action="warn",
    ok=False,
    offenders=("item <b>&",),
)


def test_json_is_keyed_by_check():
    report = json.loads(render_json([VERDICT]))
    entry = report["unknown_items"]
    assert (entry["count"], entry["share"], entry["threshold"]) == (
        1200,
        0.25,
        0.05,
    )
    assert (entry["action"], entry["ok"]) == ("warn", False)


def test_page_shows_the_figures_and_escapes_the_data():
    page = render_html([VERDICT])
    for part in ("1,200", "4,800", "25.000%", "5.000%", "warning"):
        assert part in page
    assert "item &lt;b&gt;&amp;" in page
    assert "1 of 1 checks found too much" in page


def test_check_without_rows_is_not_called_passed():
    idle = dataclasses.replace(VERDICT, count=0, population=0, ok=True)
    page = render_html([idle])
    assert "nothing to check" in page
    assert ">passed<" not in page


def test_page_needs_no_other_file():
    page = render_html([VERDICT])
    assert "http" not in page
    assert "src=" not in page
