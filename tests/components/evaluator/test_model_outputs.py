"""Outputs are found by model and name."""

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.model_outputs import find_output

_INPUTS = metric_types.StandardMetricInputs(
    {
        "predictions": {
            "candidate": {"share": np.array([[0.7, 0.3]])},
            "baseline": {"rank": np.array([1.0])},
        }
    }
)


def test_output_of_the_model_that_is_asked_for_comes_flat():
    found = find_output(_INPUTS, "candidate", "share")
    assert found.tolist() == [0.7, 0.3]


def test_output_of_the_only_model_needs_no_model_name():
    inputs = metric_types.StandardMetricInputs(
        {"predictions": {"rank": np.array([2.0])}}
    )
    assert find_output(inputs, "", "rank").tolist() == [2.0]


def test_baseline_from_before_this_output_has_none():
    assert find_output(_INPUTS, "baseline", "share") is None


def test_candidate_without_the_output_stops_the_evaluation():
    with pytest.raises(ValueError, match="rank"):
        find_output(_INPUTS, "candidate", "rank")
