"""Wins by hand, and of a model whose drops are known."""

import numpy as np
import pytest

from benchmarks.explanations import add_needs
from benchmarks.explanations import compare_kinds
from benchmarks.explanations import compute_wins
from benchmarks.explanations import leave_each_out
from benchmarks.explanations import measure
from schemas.signatures import MODEL_NAME
from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.query import Explanation
from serving.query import KindShares
from serving.query import Query
from serving.query import SlateItem


def test_win_is_the_share_of_events_that_are_missed_less():
    # Scores of two items without each of three events.
    without = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 6.0]])
    wins = compute_wins(without, np.array([0, 0]))
    # The first item is lowest without event 0; the second is lower without
    # event 1, and higher without event 2.
    np.testing.assert_allclose(wins, [1.0, 0.5])
    no_reason = compute_wins(without, np.array([2, -1]))
    np.testing.assert_allclose(no_reason, [0.0, np.nan])


def _explained(shares, without_history, without_need):
    return Explanation(
        item_id="a",
        score=1.0,
        score_without_history=1.0,
        score_without_need=1.0,
        place=1.0,
        place_without_history=without_history,
        place_without_need=without_need,
        score_drops=(),
        history_weights=(),
        shares=shares,
        source_shares={},
    )


def test_kinds_are_compared_with_what_leaving_them_out_costs():
    told = [
        KindShares(history=0.5, need=0.3, popularity=0.2),
        KindShares(history=0.2, need=0.3, popularity=0.5),
        KindShares(popularity=1.0),
    ]
    exact = [
        _explained(KindShares(history=0.4, need=0.1, popularity=0.5), 9, 5),
        _explained(told[1], 30, 20),
        _explained(told[2], 1, 1),
    ]
    items = [
        SlateItem(
            item_id="a", score=1.0, probability=None, rating=None, shares=one
        )
        for one in told
    ]
    found = compare_kinds(items, exact)
    assert found["same_kind"] == [0.0, 1.0, 1.0]
    # The first item differs by 0.1, 0.2 and 0.3.
    assert found["difference"] == pytest.approx([0.2, 0.0, 0.0])
    # The history's larger share is right for the first item. The second has a
    # larger one for the need, and falls back farther without the history.
    assert found["falls"] == [1.0, 0.0]


def test_every_second_user_needs_something():
    first, second = add_needs([Query(item_ids=["a"])] * 2)
    assert (first.need, second.item_ids) == ("", ["a"])
    assert second.need


def test_event_is_left_out_with_all_that_belongs_to_it():
    query = Query(item_ids=["a", "b"], timestamps=[10, 20], need="calm")
    first, second = leave_each_out(query)
    assert (first.item_ids, first.timestamps) == (["b"], [20])
    assert (second.item_ids, second.timestamps) == (["a"], [10])
    assert first.need == "calm"
    assert first.values == []


def test_exact_explanation_always_wins(recommender_model, tmp_path):
    (tmp_path / "1").symlink_to(recommender_model)
    queries = [Query(item_ids=["i01", "i04", "i09"])]
    with (
        ModelServer(MODEL_NAME, tmp_path) as server,
        RecommenderClient(f"localhost:{server.port}", timeout=20) as client,
    ):
        found = measure(client, iter(queries))
    assert found["explain"] == [pytest.approx(1.0)]
    assert len(found["recommend"]) == 1
