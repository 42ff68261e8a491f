"""Gates are told apart, and a refusal comes with its numbers."""

from pathlib import Path

import pytest

from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.verdict import Verdict
from pipeline.runs.verdict import describe_threshold
from pipeline.runs.verdict import read_verdict


def _run(**flags):
    """Makes a run that holds artifacts with the properties given."""
    outputs = {
        type_name: (
            OutputArtifact(
                type_name=type_name,
                uri=str(Path("nowhere") / type_name),
                properties=properties,
            ),
        )
        for type_name, properties in flags.items()
    }
    node = NodeRun(
        node_id="Gate", state="COMPLETE", seconds=1.0, error="", outputs=outputs
    )
    return PipelineRun(run_id="one", nodes=(node,))


def test_share_of_items_met_before_comes_with_the_verdict():
    decided = {"is_infra_blessed": None, "is_pushed": None}
    told = {"pushed_version": "", "failures": ()}
    verdict = Verdict(is_blessed=False, met_before=0.983, **decided, **told)
    first, *_, last = verdict.describe()
    assert first.startswith("Of the test queries, 98.3% ask for an item")
    assert "`dataset.repeats: yes`" in last
    passed = Verdict(is_blessed=True, met_before=0.0, **decided, **told)
    first, *_, last = passed.describe()
    assert first.startswith("Of the test queries, 0.0% ask for an item")
    assert "`dataset.repeats" not in last


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("num_queries", "test queries"),
        ("num_users", "test users"),
        ("above_chance", "standard errors above chance"),
    ],
)
def test_missed_counts_are_told_in_words_with_both_numbers(metric, words):
    threshold = {
        "slice": "",
        "metric": metric,
        "kind": "value",
        "at_least": 100.0,
        "at_most": None,
        "value": 1.0,
        "ok": False,
        "message": "",
    }
    assert describe_threshold(threshold) == (
        f"{words}, all queries: 1 where at least 100 is asked for"
    )


def test_pushed_model_is_not_rejected_and_names_its_version():
    verdict = read_verdict(
        _run(
            ModelBlessing={"blessed": 1},
            InfraBlessing={"blessed": 1},
            PushedModel={"pushed": 1, "pushed_version": "17"},
        )
    )
    assert not verdict.is_rejected
    assert verdict.describe() == ["The model was pushed as version 17."]


def test_model_that_cannot_be_served_is_rejected_with_the_reason():
    verdict = read_verdict(
        _run(
            ModelBlessing={"blessed": 1},
            InfraBlessing={"blessed": 0, "reason": "p99 of 900 ms"},
            PushedModel={"pushed": 0},
        )
    )
    assert verdict.is_rejected
    assert verdict.describe() == [
        "  p99 of 900 ms",
        "The model was not pushed: the serving validation failed.",
    ]


def test_refusal_of_the_evaluator_is_not_blamed_on_the_other_gates():
    verdict = read_verdict(
        _run(
            ModelBlessing={"blessed": 0},
            InfraBlessing={"blessed": 0, "reason": "not tried, because"},
            PushedModel={"pushed": 0},
        )
    )
    assert verdict.is_rejected
    assert verdict.describe() == [
        "The model was not pushed: the evaluation missed a threshold."
    ]


def test_part_of_a_run_tells_which_gates_were_passed():
    verdict = read_verdict(_run(ModelBlessing={"blessed": 1}))
    assert not verdict.is_rejected
    assert verdict.describe() == [
        "The model passed the evaluation; it was not to be pushed."
    ]


def test_run_of_other_nodes_is_no_rejection():
    verdict = read_verdict(_run())
    assert not verdict.is_rejected
    assert "neither judged nor pushed" in verdict.describe()[0]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "NDCG@10, all queries: 0.0123 where at least 0.05 is asked"),
        (
            {"slice": "history_bucket=0", "kind": "change", "at_least": -0.01},
            "change of NDCG@10 against the served model, "
            "no history: 0.0123 where at least -0.01 is asked",
        ),
        (
            {"metric": "rmse", "at_least": None, "at_most": 1.0},
            "RMSE of ratings, all queries: 0.0123 where at most 1 is asked",
        ),
    ],
)
def test_missed_threshold_is_told_with_both_numbers(changes, line):
    threshold = {
        "slice": "",
        "metric": "ndcg_at_10",
        "kind": "value",
        "at_least": 0.05,
        "at_most": None,
        "value": 0.0123,
        "ok": False,
        "message": "",
    } | changes
    assert describe_threshold(threshold) == f"{line} for"


def test_missing_value_is_told_with_tfma_s_message():
    threshold = {
        "slice": "",
        "metric": "auc",
        "kind": "value",
        "at_least": 0.5,
        "at_most": None,
        "value": None,
        "ok": False,
        "message": "Metric not found.",
    }
    assert "no value" in describe_threshold(threshold)
    assert "Metric not found." in describe_threshold(threshold)
