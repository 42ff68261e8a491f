"""What is read back from an evaluation. Data: conftest.py."""

import math

import pytest

from components.evaluator.config import MetricThreshold
from components.evaluator.evaluation import read_evaluation
from tests.components.evaluator.conftest import configure

GOOD_NDCG = (1.0 + 1 / math.log2(4) + 0.0 + 1 / math.log2(3)) / 4
BAD_NDCG = (1 / math.log2(3)) / 4


def _config(**settings):
    thresholds = (MetricThreshold(metric="ndcg_at_10", **settings),)
    return configure(thresholds=thresholds)


def _find(evaluation, metric):
    """The one threshold on a metric."""
    (found,) = [t for t in evaluation["thresholds"] if t["metric"] == metric]
    return found


def test_figures_follow_by_hand(evaluate, good):
    _, uri = evaluate(_config(at_least=0.5, may_worsen_by=0.002), good)
    evaluation = read_evaluation(uri)
    assert evaluation["is_ok"]
    overall = evaluation["metrics"][""]["candidate"]
    assert overall["example_count"] == 4
    assert overall["recall_at_10"] == pytest.approx(3 / 4)
    assert overall["ndcg_at_10"] == pytest.approx(GOOD_NDCG)
    assert overall["mrr"] == pytest.approx((1 + 1 / 3 + 1 / 20 + 1 / 2) / 4)
    # The first and the third row were liked.
    assert overall["liked_ndcg_at_10"] == pytest.approx(1 / 2)
    # The head's share is 1 / rank, see conftest.py, and the tail's the rest.
    head = (1 + 1 / 3 + 1 / 20 + 1 / 2) / 4
    assert overall["exposure_head"] == pytest.approx(head)
    assert overall["exposure_tail"] == pytest.approx(1 - head)
    assert overall["exposure_unseen"] == 0.0
    # The second row has no value: (4-3)^2, (5-5)^2, (2-4)^2 remain.
    assert overall["rmse"] == pytest.approx(math.sqrt((1 + 0 + 4) / 3))
    # Both positives (0.9, 0.4) stand above both negatives (0.1, 0.3).
    assert overall["auc"] == pytest.approx(1.0, abs=1e-3)
    tail = evaluation["metrics"]["item_bucket=tail"]["candidate"]
    assert tail["recall_at_10"] == pytest.approx(1 / 2)
    cold = evaluation["metrics"]["history_bucket=0"]["candidate"]
    assert cold["mrr"] == pytest.approx((1 + 1 / 3) / 2)
    # Without a served model only the value threshold is left.
    assert "baseline" not in evaluation["metrics"][""]
    threshold = _find(evaluation, "ndcg_at_10")
    assert threshold["ok"]
    assert threshold["at_least"] == 0.5
    assert threshold["value"] == pytest.approx(GOOD_NDCG)


def test_change_stands_beside_both_models(evaluate, good, bad):
    _, uri = evaluate(_config(may_worsen_by=0.002), bad, good)
    evaluation = read_evaluation(uri)
    assert not evaluation["is_ok"]
    overall = evaluation["metrics"][""]
    assert overall["baseline"]["ndcg_at_10"] == pytest.approx(GOOD_NDCG)
    assert overall["candidate"]["ndcg_at_10"] == pytest.approx(BAD_NDCG)
    threshold = _find(evaluation, "ndcg_at_10")
    assert not threshold["ok"]
    assert threshold["kind"] == "change"
    assert threshold["at_least"] == pytest.approx(-0.002)
    assert threshold["value"] == pytest.approx(BAD_NDCG - GOOD_NDCG)


def test_ranking_task_that_is_off_leaves_no_figures(evaluate, good):
    config = configure(ranking_task=False)
    is_blessed, uri = evaluate(config, good)
    assert is_blessed
    assert "auc" not in read_evaluation(uri)["metrics"][""]["candidate"]


def test_folder_without_evaluation_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold an evaluation"):
        read_evaluation(str(tmp_path))
