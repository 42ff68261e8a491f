"""Means per slice."""

import numpy as np
import pytest

from pipeline.report.diagnostics.slice_scores import compute_slice_scores
from tests.pipeline.report.diagnostics.recorded_queries import build_queries

QUERIES = build_queries(
    [[]] * 3, [0] * 3, 20, [{"a": "x"}, {"a": "y"}, {"a": "y"}]
)
RANKS = {"ours": np.array([1.0, 3.0, 20.0]), "peer": np.array([20.0] * 3)}


def test_each_slice_averages_its_own_queries():
    scores = compute_slice_scores(RANKS, QUERIES, ["", "a=x", "a=y"])
    assert [(s.slice_name, s.recommender) for s in scores] == [
        ("", "ours"),
        ("", "peer"),
        ("a=x", "ours"),
        ("a=x", "peer"),
        ("a=y", "ours"),
        ("a=y", "peer"),
    ]
    ours = {s.slice_name: s for s in scores if s.recommender == "ours"}
    # Rank 3 gains 1/2.
    assert ours[""].ndcg[0] == pytest.approx((1 + 0.5 + 0) / 3)
    assert ours["a=x"].ndcg[0] == 1
    assert ours["a=y"].ndcg[0] == 0.25
    assert ours["a=y"].recall[0] == 0.5
    assert ours["a=y"].num_queries == 2
    # 1 and 0 deviate by 1/2 from their mean; of two, the mean by 1/2/sqrt(2).
    assert ours["a=y"].recall[1] == pytest.approx(0.5 / 2**0.5)


def test_slice_without_a_query_is_left_out():
    assert compute_slice_scores(RANKS, QUERIES, ["a=z"]) == []
