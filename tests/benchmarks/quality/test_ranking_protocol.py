"""Slates and figures on data small enough to work out by hand."""

import dataclasses
import math

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.queries import build_queries
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.ranking_protocol import select_top_items
from benchmarks.quality.ranking_protocol import weigh_histories
from benchmarks.quality.splits import split_leave_last

# User a: i0, i1, then i2. User b: i1, then i3, which nobody else takes.
# User c: one event only.
USERS = np.array(["a", "b", "a", "c", "a", "b"])
ITEMS = np.array(["i0", "i1", "i1", "i0", "i2", "i3"])
TIMES = np.array([1, 1, 2, 2, 3, 3])


@pytest.fixture
def queries():
    return split_leave_last(build_interactions(USERS, ITEMS, TIMES))[1]


def test_recent_events_weigh_more(queries):
    weights = weigh_histories(queries, half_life=1.0).toarray()
    assert weights[0].tolist() == [0.5, 1.0, 0.0, 0.0]
    assert weigh_histories(queries).toarray()[0].tolist() == [1, 1, 0, 0]


def test_weighing_leaves_the_order_of_the_history_alone():
    # Items in falling order: sorting them would undo the time.
    _, queries = split_leave_last(
        build_interactions(
            np.array(["u"] * 3), np.array(["z", "y", "x"]), np.arange(3)
        )
    )
    weigh_histories(queries)
    assert queries.get_history(0).tolist() == [2, 1]


def test_repeated_items_count_once_without_decay_and_add_up_with_it():
    _, queries = split_leave_last(
        build_interactions(
            np.array(["u"] * 3), np.array(["x", "x", "y"]), np.arange(3)
        )
    )
    assert weigh_histories(queries).toarray().tolist() == [[1.0, 0.0]]
    decayed = weigh_histories(queries, half_life=1.0).toarray()
    assert decayed.tolist() == [[1.5, 0.0]]


def test_seen_and_unknown_items_are_not_recommended(queries):
    scores = np.array([[9.0, 8.0, 7.0, 6.0]] * 2, np.float32)
    top = select_top_items(scores, queries)
    # Both candidates are in a's history; b has seen item 1 only.
    assert (top[0] == -1).all()
    assert top[1, 0] == 0
    assert (top[1, 1:] == -1).all()


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_score_that_is_not_finite_gets_no_place(broken):
    _, queries = split_leave_last(
        build_interactions(
            np.array(["u", "u", "v", "v", "v"]),
            np.array(["i0", "i1", "i0", "i2", "i1"]),
            np.array([1, 4, 1, 2, 3]),
        )
    )
    scores = np.array([[9.0, broken, 7.0]], np.float32)
    top = select_top_items(np.tile(scores, (len(queries), 1)), queries)
    assert top[0, :2].tolist() == [2, -1]


def test_history_competes_where_the_dataset_repeats():
    _, queries = split_leave_last(
        build_interactions(
            np.array(["u"] * 3), np.array(["x", "y", "x"]), np.arange(3)
        )
    )
    assert queries.compute_met_share() == 1.0
    scores = np.array([[9.0, 8.0]], np.float32)
    assert (select_top_items(scores, queries) == -1).all()
    repeated = dataclasses.replace(queries, repeats=True).take([0])
    assert select_top_items(scores, repeated)[0, :2].tolist() == [0, 1]


def test_metrics_of_one_hit_at_rank_three(queries):
    top_items = np.full((2, 10), -1)
    top_items[0, :3] = [0, 1, 2]
    report = evaluate(top_items, queries)
    assert report.recall_at_10 == 0.5
    assert report.ndcg_at_10 == pytest.approx(1 / math.log2(4) / 2)
    assert report.mrr_at_10 == pytest.approx(1 / 3 / 2)
    # Of 0 and 1 the standard deviation is 0.5, over the root of 2 queries.
    assert report.recall_at_10_se == pytest.approx(0.5 / math.sqrt(2))
    assert report.coverage_at_10 == 3 / 2  # a slate with no candidate in it
    assert report.num_queries == 2


def test_metrics_of_three_relevant_items():
    data = build_interactions(np.zeros(4), np.arange(4), np.arange(4))
    queries = build_queries(
        data, [np.array([0])], [np.array([1, 2, 3])], np.ones(4, bool)
    )
    top_items = np.full((1, 10), -1)
    top_items[0, :3] = [2, 0, 1]
    report = evaluate(top_items, queries)
    assert report.recall_at_10 == pytest.approx(2 / 3)
    assert report.mrr_at_10 == 1.0
    # Hits at ranks 1 and 3 (1 and 1/2); the best slate has ranks 1, 2, 3.
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert report.ndcg_at_10 == pytest.approx(1.5 / ideal)


def test_a_slate_of_ten_hits_is_ideal_however_many_are_relevant():
    data = build_interactions(np.zeros(13), np.arange(13), np.arange(13))
    queries = build_queries(
        data, [np.array([0])], [np.arange(1, 13)], np.ones(13, bool)
    )
    report = evaluate(np.arange(1, 11)[None], queries)
    assert report.ndcg_at_10 == pytest.approx(1.0)
    assert report.recall_at_10 == pytest.approx(10 / 12)


def test_queries_of_one_user_count_as_one_sample():
    # User 0 asks twice and is answered twice; user 1 twice in vain.
    data = build_interactions(
        np.repeat([0, 1], 3), np.tile(np.arange(3), 2), np.arange(6)
    )
    rows = [np.array([0]), np.array([0, 1]), np.array([3]), np.array([3, 4])]
    targets = [np.array([row]) for row in (1, 2, 4, 5)]
    queries = build_queries(data, rows, targets, np.ones(3, bool))
    top_items = np.full((4, 10), -1)
    top_items[:2, 0] = [1, 2]
    report = evaluate(top_items, queries)
    assert report.recall_at_10 == 0.5
    # Two samples, 1 and 0: sqrt(1^2 + 1^2) / 4, as for two queries alone.
    assert report.recall_at_10_se == pytest.approx(math.sqrt(2) / 4)


def test_slates_of_another_width_are_refused(queries):
    with pytest.raises(ValueError, match=r"\(2, 10\)"):
        evaluate(np.zeros((2, 5), int), queries)


def test_taken_queries_keep_history_and_answers(queries):
    taken = queries.take([1, 0])
    assert taken.users.tolist() == [1, 0]
    assert taken.get_history(1).tolist() == [0, 1]
    # Of all events in order of time, a's first two are rows 0 and 2.
    assert taken.get_rows(1).tolist() == [0, 2]
    assert taken.get_targets(0).tolist() == [3]
    assert len(queries.take([])) == 0


class _LastButOne:
    """Scores the item after the newest one of the history highest."""

    def fit(self, train):
        pass

    def score(self, weights, queries):
        scores = np.zeros(weights.shape, np.float32)
        for query in range(len(queries)):
            scores[query, queries.get_history(query)[-1] + 1] = 1.0
        return scores


def test_a_peer_is_told_who_asks_also_beyond_one_batch():
    # 600 users take items n and n + 1 of 700; n + 2 is to be found.
    n = np.arange(600)
    users = np.repeat(n, 3)
    items = (n[:, None] + np.arange(3)).ravel()
    data = build_interactions(users, items, np.tile(np.arange(3), 600))
    rows_of_user = np.argsort(data.users, kind="stable").reshape(600, 3)
    queries = build_queries(
        data,
        list(rows_of_user[:, :2]),
        list(rows_of_user[:, 2:]),
        np.ones(len(data.item_ids), bool),
    )
    slates = recommend(_LastButOne(), queries)
    assert slates[:, 0].tolist() == (n + 2).tolist()
