"""Figures stand beside what is asked for and what was before."""

import shutil

import pytest

from pipeline.runs.figures import find_pushed_before
from pipeline.runs.figures import list_figures
from tests.pipeline.runs.recorded_run import record_evaluation
from tests.pipeline.runs.recorded_run import record_run
from tests.pipeline.runs.recorded_run import record_threshold
from tests.pipeline.runs.recorded_run import record_validation


@pytest.fixture
def first(tmp_path):
    evaluation = record_evaluation(
        candidate={"ndcg_at_10": 0.5, "liked_ndcg_at_10": 0.25}
    )
    return record_run(
        tmp_path, "first", evaluation, record_validation(0.75, 8.0), version=9
    )


def _find(figures, metric):
    (found,) = [one for one in figures if one.metric == metric]
    return found


def test_threshold_on_value_and_on_change_are_one_figure(tmp_path):
    thresholds = [
        record_threshold("ndcg_at_10", 0.25, at_least=0.125),
        record_threshold(
            "ndcg_at_10", -0.25, is_ok=False, kind="change", at_least=-0.002
        ),
    ]
    evaluation = record_evaluation(
        thresholds,
        candidate={"ndcg_at_10": 0.25},
        baseline={"ndcg_at_10": 0.5},
    )
    (figure,) = list_figures(record_run(tmp_path, "one", evaluation))
    assert (figure.value, figure.before) == (0.25, 0.5)
    assert figure.asked == "at least 0.125; at most 0.002 less than before"
    assert figure.is_ok is False
    assert figure.write_change() == "−0.25"


def test_error_may_grow_by_no_more_than_is_asked(tmp_path):
    threshold = record_threshold("rmse", 0.5, kind="change", at_most=0.25)
    evaluation = record_evaluation([threshold], candidate={"rmse": 1.5})
    (figure,) = list_figures(record_run(tmp_path, "one", evaluation))
    assert figure.asked == "at most 0.25 more than before"


def test_liking_and_search_are_shown_without_a_threshold_too(first):
    figures = list_figures(first)
    liking, search = (
        _find(figures, name) for name in ("liked_ndcg_at_10", "found_by_title")
    )
    assert figures[0] == liking  # what matters first
    assert (liking.value, liking.asked, liking.is_ok) == (0.25, "", None)
    assert (search.value, search.asked) == (0.75, "at least 90%")
    assert search.is_ok is False
    assert _find(figures, "latency_p50").is_ok


def test_baseline_answered_the_same_queries_and_is_what_was_before(
    first, tmp_path
):
    evaluation = record_evaluation(
        candidate={"ndcg_at_10": 0.5}, baseline={"ndcg_at_10": 0.375}
    )
    run = record_run(tmp_path, "second", evaluation)
    figure = _find(list_figures(run, first), "ndcg_at_10")
    assert figure.before == 0.375
    assert figure.write_change() == "+0.125"


def test_run_before_tells_what_no_baseline_does(first, tmp_path):
    evaluation = record_evaluation(candidate={"ndcg_at_10": 0.5})
    run = record_run(
        tmp_path, "second", evaluation, record_validation(1.0, 10.0)
    )
    figures = list_figures(run, first)
    assert _find(figures, "ndcg_at_10").write_change() == "as before"
    assert _find(figures, "found_by_title").before == 0.75
    assert _find(figures, "latency_p50").write_change() == "+2 ms"


@pytest.mark.parametrize(
    "validation",
    [
        record_validation(None, None) | {"num_requests": 0},
        {"blessed": False, "reason": "not tried, because"},
    ],
    ids=["no request", "not tried"],
)
def test_model_that_no_server_was_asked_with_has_no_latency(
    tmp_path, validation
):
    assert list_figures(record_run(tmp_path, "one", None, validation)) == []


def test_last_pushed_model_is_found_behind_runs_that_pushed_none(
    first, tmp_path
):
    rejected = record_run(tmp_path, "second", record_evaluation(candidate={}))
    run = record_run(tmp_path, "third", record_evaluation(candidate={}))
    runs = [first, rejected, run]
    assert find_pushed_before(runs, run) == first
    assert find_pushed_before(runs, first) is None


def test_model_that_is_pushed_again_is_not_compared_with_itself(first):
    again = type(first)(run_id="again", nodes=first.nodes)
    assert find_pushed_before([first, again], again) is None


@pytest.mark.parametrize("is_emptied", [True, False])
def test_run_whose_files_are_gone_has_no_figures(first, tmp_path, is_emptied):
    shutil.rmtree(tmp_path / "first")
    if is_emptied:
        (tmp_path / "first" / "ModelEvaluation").mkdir(parents=True)
    assert list_figures(first) == []
    evaluation = record_evaluation(candidate={"ndcg_at_10": 0.5})
    second = record_run(tmp_path, "second", evaluation)
    (figure,) = list_figures(second, first)
    assert (figure.value, figure.before) == (0.5, None)
