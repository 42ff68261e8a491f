"""RMSE and AUC by hand, and of examples that allow neither."""

import math

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.config import MetricThreshold
from components.evaluator.evaluation import read_evaluation
from components.evaluator.ranking_task_metrics import RatingRmse
from tests.components.evaluator.conftest import configure


def _compute_rmse(rows: list[tuple[float, float, float]]) -> float:
    (computation,) = RatingRmse().computations(example_weighted=True)
    combiner = computation.combiner
    accumulators = [combiner.create_accumulator()]
    for label, rating, weight in rows:
        inputs = metric_types.StandardMetricInputs(
            {
                "labels": np.array([label]),
                "predictions": np.array([rating]),
                "example_weights": np.array([weight]),
            }
        )
        empty = combiner.create_accumulator()
        accumulators.append(combiner.add_input(empty, inputs))
    total = combiner.merge_accumulators(accumulators)
    ((_, value),) = combiner.extract_output(total).items()
    return value


def test_rmse_counts_rated_examples_only():
    # Errors of 3 and 4: the root of (9 + 16) / 2.
    rows = [(5.0, 2.0, 1.0), (1.0, 5.0, 1.0), (0.0, 90.0, 0.0)]
    assert _compute_rmse(rows) == pytest.approx(math.sqrt(12.5))


def test_rmse_of_no_rating_is_no_number():
    assert math.isnan(_compute_rmse([(0.0, 3.0, 0.0)]))
    assert math.isnan(_compute_rmse([]))


def test_model_is_not_blessed_for_what_was_not_measured(
    evaluate, good, unrated_examples
):
    thresholds = (
        MetricThreshold(metric="rmse", at_most=9.0),
        MetricThreshold(metric="auc", at_most=1.0),
    )
    config = configure(thresholds=thresholds)
    is_blessed, uri = evaluate(config, good, evaluated=unrated_examples)
    assert not is_blessed
    found = read_evaluation(uri)
    figures = found["metrics"][""]["candidate"]
    assert (figures["rmse"], figures["auc"]) == (None, None)
    missed = [row["metric"] for row in found["thresholds"] if not row["ok"]]
    assert sorted(missed) == ["auc", "rmse"]


def test_unrated_examples_do_not_block_a_threshold_on_ranks(
    evaluate, good, unrated_examples
):
    config = configure(
        thresholds=(MetricThreshold(metric="recall_at_10", at_least=0.5),)
    )
    is_blessed, _ = evaluate(config, good, evaluated=unrated_examples)
    assert is_blessed
