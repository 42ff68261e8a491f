"""Means over examples of what one output says."""

import math

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.mean_metric import build_mean_computations

_INPUTS = metric_types.StandardMetricInputs(
    {
        "predictions": {
            "candidate": {"share": np.array([[0.7, 0.3]])},
            "baseline": {"rank": np.array([1.0])},
        }
    }
)


def _add_one(output, model_names):
    """Adds one example; returns the value by model."""
    found = {}
    for computation in build_mean_computations(
        "made_up", output, lambda values: float(values[0]), model_names
    ):
        combiner = computation.combiner
        total = combiner.add_input(combiner.create_accumulator(), _INPUTS)
        found |= combiner.extract_output(total)
    return {key.model_name: value for key, value in found.items()}


def test_baseline_from_before_this_output_gives_no_number():
    found = _add_one("share", ["candidate", "baseline"])
    assert found["candidate"] == pytest.approx(0.7)
    assert math.isnan(found["baseline"])


def test_mean_is_taken_over_all_accumulators():
    (computation,) = build_mean_computations(
        "made_up", "share", lambda values: float(values[0]), ["candidate"]
    )
    combiner = computation.combiner
    total = combiner.merge_accumulators([(0.9, 1), (0.3, 2)])
    ((key, value),) = combiner.extract_output(total).items()
    assert key.name == "made_up"
    assert value == pytest.approx(0.4)
