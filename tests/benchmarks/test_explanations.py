"""Wins by hand, and of a model whose drops are known."""

import numpy as np
import pytest

from benchmarks.explanations import compute_wins
from benchmarks.explanations import leave_each_out
from benchmarks.explanations import measure
from schemas.signatures import MODEL_NAME
from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.query import Query


def test_win_is_the_share_of_events_that_are_missed_less():
    # Scores of two items without each of three events.
    without = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 6.0]])
    wins = compute_wins(without, np.array([0, 0]))
    # The first item is lowest without event 0; the second is lower without
    # event 1, and higher without event 2.
    np.testing.assert_allclose(wins, [1.0, 0.5])
    assert compute_wins(without, np.array([2, -1])).tolist() == [0.0, 0.0]


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
