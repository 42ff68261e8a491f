"""Runs stand beside each other, each model once."""

import re
import shutil

import pytest

from pipeline.report.trend import list_judged_runs
from pipeline.report.trend import render_trend
from pipeline.runs.run_history import PipelineRun
from tests.pipeline.runs.recorded_run import record_evaluation
from tests.pipeline.runs.recorded_run import record_run
from tests.pipeline.runs.recorded_run import record_threshold
from tests.pipeline.runs.recorded_run import record_validation


@pytest.fixture
def runs(tmp_path):
    """One that was pushed, one that was not."""
    missed = record_threshold("ndcg_at_10", 0.25, is_ok=False, at_least=0.4)
    return [
        record_run(
            tmp_path,
            "2026-11-28T09:00:00",
            record_evaluation(
                candidate={"ndcg_at_10": 0.5, "liked_ndcg_at_10": 0.625}
            ),
            record_validation(1.0, 8.0),
            version=9,
        ),
        record_run(
            tmp_path,
            "2026-11-29T09:00:00",
            record_evaluation([missed], candidate={"ndcg_at_10": 0.25}),
        ),
    ]


def test_runs_tell_what_became_of_their_models(runs):
    first, second = list_judged_runs(runs)
    assert (first.moment, first.decision) == (
        "28 November 2026, 09:00",
        "pushed as 9",
    )
    assert second.decision == "not pushed"
    assert first.values["found_by_title"] == 1.0
    assert second.values["ndcg_at_10"] == 0.25
    assert "found_by_title" not in second.values


def test_model_that_is_pushed_by_a_later_run_is_judged_once(runs):
    first, _ = runs
    outputs = {
        kind: found
        for kind, found in first.nodes[0].outputs.items()
        if kind != "PushedModel"
    }
    node = type(first.nodes[0])("Gate", "COMPLETE", 1.0, "", outputs)
    judged = PipelineRun(run_id="earlier", nodes=(node,))
    (found,) = list_judged_runs([judged, first])
    assert (found.moment, found.decision) == ("earlier", "pushed as 9")


def test_run_whose_files_are_gone_keeps_its_row(runs, tmp_path):
    shutil.rmtree(tmp_path / runs[0].run_id)
    first, second = list_judged_runs(runs)
    assert (first.decision, first.values) == ("pushed as 9", {})
    assert second.values["ndcg_at_10"] == 0.25


def test_lines_and_rows_tell_the_figures_of_all_runs(runs):
    html = render_trend(list_judged_runs(runs))
    assert "NDCG@10 from 0.5 to 0.25" in html
    assert "NDCG@10 of liked items from 0.625 to 0.625" in html
    rows = [
        re.findall(r"<td[^>]*>([^<]*)</td>", row)
        for row in html.split("<tr>")
        if "<td" in row
    ]
    assert rows[1] == [
        "29 November 2026, 09:00",
        "2",
        "not pushed",
        "–",
        "0.25",
        "–",
        "–",
    ]


def test_figure_that_no_run_has_is_not_drawn(runs):
    html = render_trend(list_judged_runs([runs[1], runs[1]]) * 2)
    assert "NDCG@10 by run" in html
    assert "Items found by run" not in html


def test_only_judged_run_has_a_row_and_no_line(runs):
    failed = PipelineRun(run_id="failed", nodes=())
    html = render_trend(list_judged_runs([failed, runs[0]]))
    assert "One run has judged a model" in html
    assert "<svg" not in html
    assert "pushed as 9" in html


def test_folder_without_a_judged_model_says_so():
    run = PipelineRun(run_id="one", nodes=())
    assert "No run has judged" in render_trend(list_judged_runs([run]))
