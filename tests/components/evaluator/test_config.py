"""Thresholds that could never be checked are refused."""

import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError

from components.evaluator.config import EvaluatorConfig
from components.evaluator.config import MetricThreshold


def test_config_survives_json():
    adapter = TypeAdapter(EvaluatorConfig)
    config = EvaluatorConfig(
        thresholds=(
            MetricThreshold(metric="mrr", slice="item_bucket=head", at_least=1),
        )
    )
    assert adapter.validate_json(adapter.dump_json(config)) == config


def test_threshold_without_a_bound_is_refused():
    with pytest.raises(ValidationError, match="must set `at_least`"):
        MetricThreshold(metric="mrr")


def test_slice_without_a_value_is_refused():
    with pytest.raises(ValidationError, match="feature=value"):
        MetricThreshold(metric="mrr", slice="item_bucket", at_least=0.1)


def test_no_threshold_at_all_is_refused():
    with pytest.raises(ValidationError, match="at least one entry"):
        EvaluatorConfig(thresholds=())


def test_threshold_on_a_slice_that_is_not_computed_is_refused():
    threshold = MetricThreshold(metric="mrr", slice="a=b", at_least=0.1)
    with pytest.raises(ValidationError, match="slice_features"):
        EvaluatorConfig(thresholds=(threshold,))


def test_threshold_on_auc_needs_the_ranking_task():
    threshold = MetricThreshold(metric="auc", at_least=0.6)
    with pytest.raises(ValidationError, match="ranking_task"):
        EvaluatorConfig(thresholds=(threshold,), ranking_task=False)


_BUILT_IN = [
    "non_finite",
    "num_queries",
    "num_users",
    "num_candidates",
    "above_chance",
]


@pytest.mark.parametrize("metric", _BUILT_IN)
def test_threshold_that_is_there_already_is_refused(metric):
    threshold = MetricThreshold(metric=metric, at_most=5)
    with pytest.raises(ValidationError, match="there already"):
        EvaluatorConfig(thresholds=(threshold,))


@pytest.mark.parametrize("metric", [*_BUILT_IN, "met_before"])
def test_change_of_what_the_served_model_may_lack_is_refused(metric):
    threshold = MetricThreshold(
        metric=metric, slice="item_bucket=head", may_worsen_by=0.1
    )
    with pytest.raises(ValidationError, match="must use `at_least` or"):
        EvaluatorConfig(thresholds=(threshold,))


def test_comparison_with_a_random_order_can_be_switched_off():
    def list_metrics(**settings):
        thresholds = EvaluatorConfig(**settings).list_all_thresholds()
        return [threshold.metric for threshold in thresholds]

    assert "above_chance" in list_metrics()
    assert "above_chance" not in list_metrics(min_above_chance=0.0)


def test_more_users_than_are_counted_cannot_be_asked_for():
    with pytest.raises(ValidationError, match="less than or equal to 10000"):
        EvaluatorConfig(min_users=10_001)


def test_misspelt_key_is_refused():
    with pytest.raises(ValidationError, match="treshold"):
        EvaluatorConfig(treshold=1)
