"""What figures rest on is measured, and a gate fails without it."""

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.config import MetricThreshold
from components.evaluator.evaluation import read_evaluation
from components.evaluator.evidence_metrics import NonFiniteShare
from tests.components.evaluator.conftest import configure

LENIENT = configure(
    thresholds=(MetricThreshold(metric="recall_at_10", at_least=0.0),)
)


def test_share_counts_every_query_that_is_not_finite_throughout():
    (computation,) = NonFiniteShare().computations(output_names=["finite"])
    combiner = computation.combiner
    total = combiner.create_accumulator()
    for finite in (1.0, 0.0, float("nan"), 1.0):
        inputs = metric_types.StandardMetricInputs(
            {"predictions": {"finite": np.array([finite])}}
        )
        total = combiner.add_input(total, inputs)
    ((key, value),) = combiner.extract_output(total).items()
    assert (key.name, value) == ("non_finite", pytest.approx(0.5))


def test_model_of_nan_is_not_blessed_whatever_its_ranks(evaluate, diverged):
    is_blessed, uri = evaluate(LENIENT, diverged)
    assert not is_blessed
    found = read_evaluation(uri)
    (missed,) = [row for row in found["thresholds"] if not row["ok"]]
    assert missed["metric"] == "non_finite"
    assert (missed["value"], missed["at_most"]) == (1.0, 0.0)


def _read(evaluate, model, **settings):
    is_blessed, uri = evaluate(
        configure(thresholds=LENIENT.thresholds, **settings), model
    )
    found = read_evaluation(uri)
    missed = [row["metric"] for row in found["thresholds"] if not row["ok"]]
    return is_blessed, missed, found["metrics"][""]["candidate"]


def test_just_enough_queries_and_candidates_pass(evaluate, good):
    is_blessed, missed, metrics = _read(
        evaluate, good, min_queries=4, min_candidates=60
    )
    assert (is_blessed, missed) == (True, [])
    assert metrics["num_queries"] == 4.0
    assert metrics["num_candidates"] == 60.0
    # One of the four ranks is 20, see conftest.py.
    assert metrics["met_before"] == 0.25


def test_too_few_queries_and_candidates_fail_the_gate(evaluate, good):
    is_blessed, missed, _ = _read(
        evaluate, good, min_queries=5, min_candidates=61
    )
    assert not is_blessed
    assert sorted(missed) == ["num_candidates", "num_queries"]


def test_baseline_from_before_there_was_evidence_does_not_stop_the_gate(
    evaluate, good, old
):
    # Ranks 1, 3, 20 and 2 of 60 items are about 4.8 standard errors above
    # chance: (1 + 0.5 + 0 + 0.63 - 4 * 0.076) / sqrt(4 * 0.036).
    strict = configure(
        thresholds=LENIENT.thresholds, min_users=3, min_above_chance=4.0
    )
    is_blessed, uri = evaluate(strict, good, old)
    assert is_blessed
    served = read_evaluation(uri)["metrics"][""]["baseline"]
    assert served["num_users"] is served["above_chance"] is None
