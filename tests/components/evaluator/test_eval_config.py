"""What TFX's Evaluator blesses under our config. Data: conftest.py."""

from components.evaluator.config import MetricThreshold
from components.evaluator.evaluation import read_evaluation
from tests.components.evaluator.conftest import configure

# Of the good model, with the nearest bounds that it meets and misses. Ranks 1,
# 3, 20 and 2: NDCG (1 + 0.5 + 0 + 0.63) / 4 = 0.53; hits are 3 of 4 overall, 2
# of 2 without history, 1 of 2 in the tail. The tail has 1 - (1 + 1/3 + 1/20 +
# 1/2) / 4 = 0.53 of the places. RMSE is sqrt(5 / 3) = 1.29.
_BOUNDS = (
    ("ndcg_at_10", "", "at_least", 0.5, 0.6),
    ("recall_at_10", "", "at_least", 0.7, 0.8),
    ("recall_at_10", "item_bucket=tail", "at_least", 0.5, 0.6),
    ("exposure_tail", "", "at_least", 0.5, 0.6),
    ("rmse", "", "at_most", 1.3, 1.2),
)


def _list_thresholds():
    """Thresholds that hold, and those that do not."""
    return [
        tuple(
            MetricThreshold(metric=row[0], slice=row[1], **{row[2]: row[place]})
            for row in _BOUNDS
        )
        for place in (3, 4)
    ]


def _evaluate(evaluate, thresholds, *models):
    """Returns whether it is blessed and the thresholds that were missed."""
    is_blessed, uri = evaluate(configure(thresholds=thresholds), *models)
    rows = read_evaluation(uri)["thresholds"]
    return is_blessed, [row for row in rows if not row["ok"]]


def _name(rows):
    return sorted((row["metric"], row["slice"]) for row in rows)


def test_first_model_is_blessed_by_its_own_figures(evaluate, good):
    # There is no model to be compared with yet. Nobody named the slice
    # without examples.
    holding, _ = _list_thresholds()
    changes = MetricThreshold(metric="mrr", may_worsen_by=0.002)
    assert _evaluate(evaluate, (*holding, changes), good) == (True, [])


def test_every_figure_beyond_its_bound_is_named(evaluate, good):
    _, missed = _list_thresholds()
    empty = MetricThreshold(
        metric="mrr", slice="item_bucket=unseen", at_least=0.1
    )
    is_blessed, rows = _evaluate(evaluate, (*missed, empty), good)
    assert not is_blessed
    assert _name(rows) == sorted(
        (row.metric, row.slice) for row in (*missed, empty)
    )
    (without_examples,) = [row for row in rows if row["metric"] == "mrr"]
    assert without_examples["value"] is None
    assert without_examples["message"] == "No example belongs to this slice."


def test_one_slice_below_its_threshold_blocks_although_all_else_holds(
    evaluate, good
):
    holding, missed = _list_thresholds()
    (tail,) = [one for one in missed if one.slice]
    overall = [one for one in holding if not one.slice]
    is_blessed, rows = _evaluate(evaluate, (*overall, tail), good)
    assert not is_blessed
    assert _name(rows) == [("recall_at_10", "item_bucket=tail")]


def test_model_as_good_as_the_blessed_one_is_blessed(evaluate, good):
    changes = [
        MetricThreshold(metric=metric, may_worsen_by=0.0)
        for metric in ("ndcg_at_10", "exposure_tail", "rmse")
    ]
    assert _evaluate(evaluate, changes, good, good) == (True, [])


def test_slates_that_neglect_the_tail_more_than_before_block(
    evaluate, good, bad
):
    # With the bad model the tail has 1 - 0.17 = 0.83 of the places. Its NDCG is
    # lower and its RMSE of 1.47 higher, which is worse, too.
    changes = [
        MetricThreshold(metric=metric, may_worsen_by=0.1)
        for metric in ("ndcg_at_10", "exposure_tail", "rmse")
    ]
    is_blessed, rows = _evaluate(evaluate, changes, good, bad)
    assert not is_blessed
    assert _name(rows) == [("exposure_tail", "")]
