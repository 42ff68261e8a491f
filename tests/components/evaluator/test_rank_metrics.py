"""Gains of single ranks, and ranks that cannot be."""

import math

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.rank_metrics import LikedNdcgAtK
from components.evaluator.rank_metrics import NdcgAtK
from components.evaluator.rank_metrics import compute_ndcg_gain
from components.evaluator.rank_metrics import compute_recall_gain
from components.evaluator.rank_metrics import compute_reciprocal_gain


def test_gains_at_and_beyond_the_cut():
    assert compute_recall_gain(10.0, 10) == 1.0
    assert compute_recall_gain(11.0, 10) == 0.0
    assert compute_ndcg_gain(1.0, 10) == 1.0
    assert compute_ndcg_gain(3.0, 10) == 0.5  # 1 / log2(4)
    assert compute_ndcg_gain(11.0, 10) == 0.0
    assert compute_reciprocal_gain(200.0, 10) == 0.005


@pytest.mark.parametrize("rank", [math.nan, 0.0])
def test_rank_that_cannot_be_stops_the_evaluation(rank):
    (computation,) = NdcgAtK(k=10).computations(output_names=["rank"])
    inputs = metric_types.StandardMetricInputs(
        {"predictions": {"rank": np.array([rank])}}
    )
    combiner = computation.combiner
    with pytest.raises(ValueError, match="must be 1 or more"):
        combiner.add_input(combiner.create_accumulator(), inputs)


def test_what_was_not_liked_does_not_count():
    (computation,) = LikedNdcgAtK().computations(output_names=["liked_rank"])
    combiner = computation.combiner
    accumulator = combiner.create_accumulator()
    for rank in (0.0, 3.0, 0.0, 40.0):
        inputs = metric_types.StandardMetricInputs(
            {"predictions": {"liked_rank": np.array([rank])}}
        )
        accumulator = combiner.add_input(accumulator, inputs)
    ((key, value),) = combiner.extract_output(accumulator).items()
    assert key.name == "liked_ndcg_at_10"
    assert value == (0.5 + 0.0) / 2


def test_no_example_gives_no_number():
    (computation,) = NdcgAtK(k=10).computations(output_names=["rank"])
    combiner = computation.combiner
    ((key, value),) = combiner.extract_output(
        combiner.create_accumulator()
    ).items()
    assert key.name == "ndcg_at_10"
    assert math.isnan(value)
