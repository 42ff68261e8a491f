import numpy as np
import pytest

from serving.gateway.experiments import user_totals
from serving.gateway.experiments.user_totals import Moments
from serving.gateway.experiments.user_totals import UserTotals


def test_moments_are_of_sums_per_user():
    with UserTotals(2) as totals:
        totals.add("ann", "g", (1.0, 2.0))
        totals.add("bob", "g", (0.0, 5.0))
        totals.add("ann", "g", (1.0, 3.0))
        moments, _ = totals.compute_moments()
    # ann: (2, 5), bob: (0, 5).
    assert moments["g"].num_users == 2
    assert moments["g"].sums.tolist() == [2.0, 10.0]
    assert moments["g"].products.tolist() == [[4.0, 10.0], [10.0, 50.0]]
    assert moments["g"].num_nonzero.tolist() == [1, 2]


def test_users_of_several_groups_are_left_out_and_counted():
    with UserTotals(1) as totals:
        totals.add("ann", "g", (1.0,))
        totals.add("ann", "h", (1.0,))
        totals.add("bob", "h", (3.0,))
        moments, num_switchers = totals.compute_moments()
    assert num_switchers == 1
    assert {group: m.sums.tolist() for group, m in moments.items()} == {
        "h": [3.0]
    }


def test_nothing_added_makes_no_group():
    with UserTotals(1) as totals:
        assert totals.compute_moments() == ({}, 0)


@pytest.mark.parametrize("limit", ["_MAX_HELD", "_MAX_ROWS"])
def test_users_beyond_what_memory_holds_count_too(monkeypatch, limit):
    monkeypatch.setattr(user_totals, limit, 3)
    with UserTotals(1) as totals:
        for i in range(20):
            totals.add(f"user{i % 10}", "g", (1.0,))
        moments, _ = totals.compute_moments()
    # Ten users with 2 each: 10 * 2 and 10 * 2^2.
    assert moments["g"].num_users == 10
    assert moments["g"].sums.tolist() == [20.0]
    assert moments["g"].products.tolist() == [[40.0]]


def test_moments_of_two_halves_add_up_to_those_of_the_whole():
    rows = np.array([[1.0, 2.0], [0.0, 3.0], [4.0, 5.0]])
    whole, halves = (
        Moments.of(rows),
        Moments.of(rows[:1]) + Moments.of(rows[1:]),
    )
    assert halves.num_users == whole.num_users == 3
    assert halves.sums.tolist() == whole.sums.tolist() == [5.0, 10.0]
    assert halves.products.tolist() == whole.products.tolist()
    assert halves.num_nonzero.tolist() == [2, 3]
