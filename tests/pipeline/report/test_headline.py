"""The head tells the decision, its reasons and the main figures."""

import dataclasses
import re

import pytest

from pipeline.report.headline import render_headline
from pipeline.runs.dataset_summary import DatasetSummary
from pipeline.runs.figures import Figure
from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.verdict import Verdict

RUN = PipelineRun(
    run_id="2026-11-29T09:21:42",
    nodes=tuple(NodeRun("N", "COMPLETE", 40.0, "", {}) for _ in range(2)),
    pipeline_name="shop",
)
PUSHED = Verdict(True, True, True, "17", ())
REJECTED = Verdict(False, None, False, "", ("recall 0.1 where 0.2 is asked",))
GOOD = Figure(
    metric="ndcg_at_10",
    value=0.5,
    before=0.25,
    asked="at least 0.1",
    is_ok=True,
)
LIKING = Figure(metric="liked_ndcg_at_10", value=0.75)
MISSED = Figure(
    metric="recall_at_10", value=0.1, asked="at least 0.2", is_ok=False
)


def test_pushed_model_is_told_with_its_version_and_the_run():
    head = render_headline(RUN, PUSHED, [GOOD, LIKING], None)
    assert "<h1>The model was pushed as version 17.</h1>" in head
    assert "shop, run of 29 November 2026, 09:21, 1 min 20 s" in head


def test_rejected_model_is_told_with_what_it_missed():
    head = render_headline(RUN, REJECTED, [GOOD, MISSED], None)
    assert '<h1 class="bad">The model was not pushed: the evaluation' in head
    assert '<p class="bad">recall 0.1 where 0.2 is asked</p>' in head


def test_advice_does_not_take_the_place_of_the_decision():
    verdict = dataclasses.replace(REJECTED, met_before=0.4)
    assert "`dataset.repeats: yes`" in verdict.describe()[-1]
    head = render_headline(RUN, verdict, [MISSED], None)
    assert '<h1 class="bad">The model was not pushed: the evaluation' in head


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ([LIKING], "Nothing is asked of these figures."),
        ([GOOD, LIKING], "The one figure with a bound is as asked for."),
        ([GOOD, GOOD], "All 2 figures with a bound are as asked for."),
        ([GOOD, MISSED], "Of 2 figures with a bound, 1 is not as asked for."),
        ([MISSED] * 2, "Of 2 figures with a bound, 2 are not as asked for."),
    ],
)
def test_figures_as_asked_for_are_counted(figures, text):
    assert text in render_headline(RUN, PUSHED, figures, None)


def test_failed_run_tells_which_stage_failed_and_why():
    nodes = (
        *RUN.nodes,
        NodeRun("Trainer", "FAILED", 1.0, "`epochs` must\nbe 1 & more.", {}),
    )
    run = dataclasses.replace(RUN, nodes=nodes)
    head = render_headline(run, Verdict(None, None, None, "", ()), [], None)
    assert '<h1 class="bad">The model was neither judged nor pushed' in head
    reason = "Trainer failed: `epochs` must be 1 &amp; more."
    assert f'<p class="bad">{reason}</p>' in head


def test_main_figures_are_cards_liking_first_with_their_bounds():
    head = render_headline(RUN, PUSHED, [GOOD, LIKING, MISSED], None)
    assert re.findall(r"<dt>([^<]+)</dt>", head) == [
        "NDCG@10 of liked items",
        "NDCG@10",
    ]
    assert "<dd>asked for: at least 0.1</dd>" in head
    assert "<dd>before: 0.25 (+0.25)</dd>" in head


def test_figure_of_a_slice_is_no_main_figure():
    tail = Figure(metric="ndcg_at_10", slice_name="item_bucket=tail", value=0.1)
    assert "<dt>" not in render_headline(RUN, PUSHED, [tail], None)


def test_first_model_is_compared_with_none():
    head = render_headline(RUN, PUSHED, [LIKING], None)
    assert "No model was served before." in head
    assert "before:" not in head


def test_run_without_gates_says_so():
    open_ = Verdict(None, None, None, "", ())
    head = render_headline(RUN, open_, [], None)
    assert "No gate has measured a figure of this run." in head


def test_dataset_is_told_where_it_is_known():
    dataset = DatasetSummary(name="shop", num_events=4, num_items=2, facts=None)
    head = render_headline(RUN, PUSHED, [], dataset)
    assert "shop: 4 events on 2 items" in head
