"""What TFX's Evaluator blesses under our config. Data: conftest.py."""

import pytest

from components.evaluator.config import MetricThreshold
from tests.components.evaluator.conftest import configure


def _config(metric="ndcg_at_10", **threshold):
    return configure(thresholds=(MetricThreshold(metric=metric, **threshold),))


@pytest.mark.parametrize(("at_least", "expected"), [(0.5, True), (0.6, False)])
def test_first_model_is_blessed_by_its_own_figures(
    evaluate, good, at_least, expected
):
    # Ranks 1, 3, 20 and 2: NDCG (1 + 0.5 + 0 + 0.63) / 4 = 0.53. There is no
    # model to be compared with yet.
    config = _config(at_least=at_least, may_worsen_by=0.002)
    is_blessed, _ = evaluate(config, good)
    assert is_blessed is expected


def test_model_worse_than_the_blessed_one_is_not_blessed(evaluate, good, bad):
    is_blessed, _ = evaluate(_config(may_worsen_by=0.002), bad, good)
    assert not is_blessed


def test_model_as_good_as_the_blessed_one_is_blessed(evaluate, good):
    is_blessed, _ = evaluate(_config(may_worsen_by=0.0), good, good)
    assert is_blessed


@pytest.mark.parametrize(
    ("slice_name", "expected"),
    [("history_bucket=0", True), ("item_bucket=tail", False)],
)
def test_slice_below_its_threshold_blocks_although_overall_holds(
    evaluate, good, slice_name, expected
):
    # Hits: 2 of 2 without history, 1 of 2 in the tail, 3 of 4 overall.
    config = configure(
        thresholds=(
            MetricThreshold(metric="recall_at_10", at_least=0.7),
            MetricThreshold(
                metric="recall_at_10", slice=slice_name, at_least=0.7
            ),
        )
    )
    is_blessed, _ = evaluate(config, good)
    assert is_blessed is expected


@pytest.mark.parametrize(("at_least", "expected"), [(0.5, True), (0.6, False)])
def test_slates_that_neglect_the_tail_block(evaluate, good, at_least, expected):
    # The tail has 1 - (1 + 1/3 + 1/20 + 1/2) / 4 = 0.53 of the places.
    config = _config("exposure_tail", at_least=at_least)
    is_blessed, _ = evaluate(config, good)
    assert is_blessed is expected


def test_slates_that_neglect_the_tail_more_than_before_block(
    evaluate, good, bad
):
    # With the bad model the tail has 1 - 0.17 = 0.83 of the places.
    config = _config("exposure_tail", may_worsen_by=0.1)
    assert not evaluate(config, good, bad)[0]


def test_threshold_on_a_slice_without_examples_blocks(evaluate, good):
    config = _config(slice="item_bucket=unseen", at_least=0.1)
    is_blessed, _ = evaluate(config, good)
    assert not is_blessed


def test_slice_without_examples_and_threshold_does_not_block(evaluate, good):
    is_blessed, _ = evaluate(_config(at_least=0.5), good)
    assert is_blessed


@pytest.mark.parametrize(("at_most", "expected"), [(1.3, True), (1.2, False)])
def test_lower_rmse_counts_as_better(evaluate, good, at_most, expected):
    # RMSE is sqrt(5 / 3) = 1.29 whatever the ranks are.
    config = _config("rmse", at_most=at_most, may_worsen_by=0.01)
    is_blessed, _ = evaluate(config, good, good)
    assert is_blessed is expected
