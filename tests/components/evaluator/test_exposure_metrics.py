"""Shares by hand, and shares that cannot be."""

import math

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.exposure_metrics import ExposureShare


def _combiner(bucket):
    (computation,) = ExposureShare(bucket).computations(
        output_names=["exposure"]
    )
    return computation.combiner


def _add(combiner, accumulator, shares):
    inputs = metric_types.StandardMetricInputs(
        {"predictions": {"exposure": np.array([shares])}}
    )
    return combiner.add_input(accumulator, inputs)


@pytest.mark.parametrize(("bucket", "expected"), [("head", 0.6), ("tail", 0.3)])
def test_share_of_a_bucket_is_the_mean_over_slates(bucket, expected):
    combiner = _combiner(bucket)
    parts = [
        _add(combiner, combiner.create_accumulator(), shares)
        for shares in ([0.9, 0.1, 0.0, 0.0], [0.3, 0.0, 0.6, 0.1])
    ]
    total = combiner.merge_accumulators(parts)
    ((key, value),) = combiner.extract_output(total).items()
    assert key.name == f"exposure_{bucket}"
    # The mean of 0.9 and 0.3, and of nothing and 0.6.
    assert value == pytest.approx(expected)


@pytest.mark.parametrize("share", [math.nan, 1.5])
def test_share_that_cannot_be_stops_the_evaluation(share):
    combiner = _combiner("head")
    with pytest.raises(ValueError, match="between 0 and 1"):
        _add(combiner, combiner.create_accumulator(), [share, 0.0, 0.0, 0.0])


def test_no_example_gives_no_number():
    combiner = _combiner("tail")
    found = combiner.extract_output(combiner.create_accumulator())
    assert all(math.isnan(value) for value in found.values())
