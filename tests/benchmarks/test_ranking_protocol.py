"""The leave-last protocol on data small enough to work out by hand."""

import math

import numpy as np
import pytest

from benchmarks.interactions import build_interactions
from benchmarks.ranking_protocol import evaluate
from benchmarks.ranking_protocol import select_top_items
from benchmarks.ranking_protocol import split_leave_last
from benchmarks.ranking_protocol import tune
from benchmarks.ranking_protocol import weigh_histories

# User a: i0, i1, then i2. User b: i1, then i3, which nobody else takes.
# User c: one event only.
USERS = np.array(["a", "b", "a", "c", "a", "b"])
ITEMS = np.array(["i0", "i1", "i1", "i0", "i2", "i3"])
TIMES = np.array([1, 1, 2, 2, 3, 3])


@pytest.fixture
def split():
    return split_leave_last(build_interactions(USERS, ITEMS, TIMES))


def test_last_events_are_held_out_and_lone_ones_stay(split):
    train, queries = split
    assert train.items.tolist() == [0, 1, 1, 0]
    assert queries.users.tolist() == [0, 1]
    assert queries.targets.tolist() == [2, 3]
    assert queries.get_history(0).tolist() == [0, 1]
    assert queries.get_history(1).tolist() == [1]
    assert queries.is_candidate.tolist() == [True, True, False, False]


def test_ties_in_time_are_broken_by_user_then_item():
    ties = build_interactions(
        np.array(["b", "a", "a"]), np.array(["y", "z", "x"]), np.ones(3)
    )
    assert ties.user_ids[ties.users].tolist() == ["a", "a", "b"]
    assert ties.item_ids[ties.items].tolist() == ["x", "z", "y"]
    as_text = build_interactions(
        np.array(["u", "u"]), np.array(["9", "10"]), np.ones(2)
    )
    assert as_text.item_ids[as_text.items].tolist() == ["10", "9"]
    as_number = build_interactions(
        np.array(["u", "u"]), np.array([10, 9]), np.ones(2)
    )
    assert as_number.item_ids[as_number.items].tolist() == ["9", "10"]


def test_recent_events_weigh_more(split):
    _, queries = split
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


def test_seen_and_unknown_items_are_not_recommended(split):
    _, queries = split
    scores = np.array([[9.0, 8.0, 7.0, 6.0]] * 2, np.float32)
    top = select_top_items(scores, queries)
    # Both candidates are in a's history; b has seen item 1 only.
    assert (top[0] == -1).all()
    assert top[1, 0] == 0
    assert (top[1, 1:] == -1).all()


def test_metrics_of_one_hit_at_rank_three(split):
    _, queries = split
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


def test_slates_of_another_width_are_refused(split):
    with pytest.raises(ValueError, match=r"\(2, 10\)"):
        evaluate(np.zeros((2, 5), int), split[1])


class _Constant:
    """Always scores one item highest."""

    def __init__(self, item):
        self.item = item
        self.num_fitted = 0

    def fit(self, train):
        self.num_fitted = len(train.items)

    def score(self, weights):
        scores = np.zeros(weights.shape, np.float32)
        scores[:, self.item] = 1.0
        return scores


def test_tuning_takes_the_setting_that_predicts_the_last_training_event():
    # 20 users take four items of their own, then "y", then "z".
    users = np.repeat(np.arange(20), 6)
    own = [f"u{user}-{n}" for user in range(20) for n in range(4)]
    items = np.array(
        [
            item
            for user in range(20)
            for item in [*own[4 * user : 4 * user + 4], "y", "z"]
        ]
    )
    # One user more has y and z early, so that both are candidates.
    users = np.append(users, [20] * 6)
    items = np.append(items, ["y", "z", "p", "q", "r", "s"])
    data = build_interactions(users, items, np.arange(len(users)))
    train, _ = split_leave_last(data)
    y, z = (np.flatnonzero(data.item_ids == item)[0] for item in "yz")
    peers = [_Constant(z), _Constant(y)]
    best, half_life = tune(peers, train)
    assert best.item == y
    assert half_life is None
    assert best.num_fitted == len(train.items)


def test_tuning_without_peers_is_refused(split):
    with pytest.raises(ValueError, match="at least one"):
        tune([], split[0])
