"""Each protocol on data small enough to divide by hand."""

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.splits import split_cold_items
from benchmarks.quality.splits import split_leave_last
from benchmarks.quality.splits import split_new_users
from benchmarks.quality.splits import split_next_item


def test_last_events_are_held_out_and_lone_ones_stay():
    # User a: i0, i1, then i2. User b: i1, then i3, which nobody else takes.
    # User c: one event only.
    train, queries = split_leave_last(
        build_interactions(
            np.array(["a", "b", "a", "c", "a", "b"]),
            np.array(["i0", "i1", "i1", "i0", "i2", "i3"]),
            np.array([1, 1, 2, 2, 3, 3]),
        )
    )
    assert train.items.tolist() == [0, 1, 1, 0]
    assert queries.users.tolist() == [0, 1]
    assert queries.targets.tolist() == [2, 3]
    assert queries.get_history(0).tolist() == [0, 1]
    assert queries.get_history(1).tolist() == [1]
    assert queries.is_candidate.tolist() == [True, True, False, False]


def _one_user_after_another():
    """User 0 takes items 0 to 17, then users 0 and 1 take 18 and 19.

    22 events: the last 10% begin at row int(22 * 0.9) = 19.
    """
    users = np.array([0] * 18 + [1, 1, 0, 1])
    items = np.array([*range(18), 0, 18, 19, 19])
    return build_interactions(users, items, np.arange(22))


def test_next_items_are_asked_with_all_that_came_before():
    train, queries = split_next_item(_one_user_after_another())
    assert len(train.items) == 19
    # Rows 19 and 21 are user 1's second and third event: too early to ask.
    assert queries.users.tolist() == [0]
    assert queries.targets.tolist() == [19]
    assert queries.get_history(0).tolist() == list(range(18))
    # Items 18 and 19 are first seen in the test part.
    assert np.flatnonzero(~queries.is_candidate).tolist() == [18, 19]


def test_history_moves_on_with_the_test_part():
    data = build_interactions(np.zeros(20), np.arange(20), np.arange(20))
    _, queries = split_next_item(data)
    assert queries.targets.tolist() == [18, 19]
    assert queries.get_history(1).tolist() == list(range(19))


def test_no_second_is_divided_between_training_and_test():
    times = np.arange(20)
    times[17:19] = 17  # the cut would fall between these two
    train, queries = split_next_item(
        build_interactions(np.zeros(20), np.arange(20), times)
    )
    assert len(train.items) == 17
    assert sorted(queries.targets.tolist()) == [17, 18, 19]


def test_at_most_4000_events_are_asked_about_and_always_the_same():
    rows = 50_000
    data = build_interactions(
        np.arange(rows) % 10, np.arange(rows), range(rows)
    )
    _, queries = split_next_item(data)
    assert len(queries) == 4000
    assert (np.diff(queries.targets) > 0).all()
    again = split_next_item(data)[1]
    assert queries.targets.tolist() == again.targets.tolist()


def _everybody_takes_everything(num_users=20, num_items=20):
    users = np.repeat(np.arange(num_users), num_items)
    items = np.tile(np.arange(num_items), num_users)
    return build_interactions(users, items, np.arange(len(users)))


def test_cold_items_are_in_no_training_event_and_are_all_asked_for():
    train, queries = split_cold_items(_everybody_takes_everything())
    # 10% of 20 items; the draw of numpy's legacy generator with seed 42.
    cold = sorted(np.random.RandomState(42).permutation(20)[:2])
    assert np.flatnonzero(queries.is_candidate).tolist() == cold
    assert not set(cold) & set(train.items)
    assert len(train.items) == 20 * 18
    for query in range(20):
        assert queries.get_targets(query).tolist() == cold
        assert len(queries.get_history(query)) == 18


def test_users_without_warm_or_without_cold_events_are_not_asked():
    data = _everybody_takes_everything(1)
    (cold, _), warm = (
        np.flatnonzero(split_cold_items(data)[1].is_candidate),
        split_cold_items(data)[0].items[0],
    )
    more = build_interactions(
        np.append(data.users, [1, 2]),
        np.append(data.items, [cold, warm]),
        np.append(data.timestamps, [20, 21]),
    )
    assert split_cold_items(more)[1].users.tolist() == [0]


def test_cold_items_can_be_drawn_again_within_the_training_part():
    train, first = split_cold_items(_everybody_takes_everything(20, 40))
    _, second = split_cold_items(train, seed=43)
    assert second.is_candidate.sum() == 3  # 10% of 36, rounded down
    assert not (first.is_candidate & second.is_candidate).any()


def test_new_users_are_asked_after_one_three_and_five_events():
    train, queries = split_new_users(_everybody_takes_everything(10, 8))
    new = set(queries.users.tolist())
    assert len(new) == 2  # 20% of 10
    assert not new & set(train.users.tolist())
    assert len(train.users) == 8 * 8
    assert queries.groups.tolist() == [
        *["1 known"] * 2,
        *["3 known"] * 2,
        *["5 known"] * 2,
    ]
    assert queries.get_history(2).tolist() == [0, 1, 2]
    assert queries.get_targets(2).tolist() == [3]


@pytest.mark.parametrize(("num_events", "num_queries"), [(3, 1), (4, 2)])
def test_new_users_are_asked_only_while_there_is_a_next_event(
    num_events, num_queries
):
    _, queries = split_new_users(_everybody_takes_everything(5, num_events))
    assert len(queries) == num_queries
