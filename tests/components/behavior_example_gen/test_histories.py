import numpy as np
import pyarrow as pa

from components.behavior_example_gen import histories
from components.behavior_example_gen.tie_order import FILE_ORDER
from schemas import events as names


def _table(rows):
    users, items, times = zip(*rows, strict=True)
    return pa.table(
        {
            names.USER_ID: list(users),
            names.ITEM_ID: list(items),
            names.TIMESTAMP: list(times),
            names.EVENT_TYPE: pa.array([0] * len(rows), pa.int8()),
            names.VALUE: pa.nulls(len(rows), pa.float32()),
        }
    )


_ROWS = [("v", "b", 2), ("u", "b", 5), ("v", "a", 2), ("u", "c", 1)]


def test_ties_can_be_in_order_of_items():
    table = histories.sort_histories(_table(_ROWS), "item_id")
    assert table[names.ITEM_ID].to_pylist() == ["c", "b", "a", "b"]
    assert table[histories.USER_CODE].to_pylist() == [0, 0, 1, 1]


def test_time_within_a_second_comes_before_what_orders_ties():
    rows = [("u", item, second) for second in (2, 1) for item in "dcba"]
    table = _table(rows)
    # d is the first of second 1 and the last of second 2; a and b are ties.
    within = pa.array([9, 5, 1, 1, 0, 5, 7, 7], pa.int32())
    timed = table.append_column("microsecond", within)
    for ties in ("hash", "item_id"):
        ordered = histories.sort_histories(timed, ties)
        items = ordered[names.ITEM_ID].to_pylist()
        assert (items[:2], items[6:]) == (["d", "c"], ["c", "d"])
        assert sorted(items[2:4]) == sorted(items[4:6]) == ["a", "b"]
        # What leaves is as if no file had fractions.
        assert ordered.schema == histories.sort_histories(table).schema


def test_events_of_a_file_without_fractions_are_at_the_start_of_a_second():
    table = _table([("u", "a", 1), ("u", "b", 1)])
    for within in ([5, None], [5, 0]):
        column = pa.array(within, pa.int32())
        timed = table.append_column("microsecond", column)
        ordered = histories.sort_histories(timed)
        assert ordered[names.ITEM_ID].to_pylist() == ["b", "a"]


def test_ties_in_time_say_nothing_about_ids():
    # 500 people met the same ten items in one second.
    rows = [(f"u{n}", f"i{m}", 1) for n in range(500) for m in range(10)]
    table = histories.sort_histories(_table(rows))
    last = table[names.ITEM_ID].to_pylist()[9::10]
    counts = np.unique(last, return_counts=True)[1]
    # Binomial(500, 0.1): 50 +- 4 standard deviations of sqrt(45) = 6.7.
    assert len(counts) == 10
    assert (np.abs(counts - 50) < 27).all()
    codes = table[histories.USER_CODE].to_numpy()
    assert codes.tolist() == np.repeat(np.arange(500), 10).tolist()


def test_another_seed_gives_another_order_of_ties_and_of_nothing_else():
    rows = [("u", f"i{m}", m // 10) for m in range(40)]
    one, other = (
        histories.sort_histories(_table(rows), "hash", seed) for seed in (0, 1)
    )
    items = one[names.ITEM_ID].to_pylist(), other[names.ITEM_ID].to_pylist()
    assert items[0] != items[1]
    assert one[names.TIMESTAMP].equals(other[names.TIMESTAMP])


def test_order_does_not_depend_on_arrival():
    one = histories.sort_histories(_table(_ROWS))
    other = histories.sort_histories(_table(_ROWS[::-1]))
    assert one.equals(other)


def test_bounds_frame_each_user():
    bounds = histories.first_events(np.array([0, 0, 3, 4, 4]))
    assert bounds.tolist() == [0, 2, 3, 5]


def test_moment_of_a_cut_belongs_to_the_later_split():
    split = histories.assign_temporal(np.array([4, 5, 8, 9]), (5, 9))
    assert split.tolist() == [0, 1, 1, 2]


def test_leave_last_by_number_of_events():
    # Users of 1, 2 and 4 events.
    split = histories.assign_leave_last(np.array([0, 1, 3, 7]))
    assert split.tolist() == [0, 0, 2, 0, 0, 1, 2]


def test_draws_are_spread_over_all_numbers():
    rows = [(f"u{n}", "a", n) for n in range(4000)]
    draws = histories.hash_queries(_table(rows))
    share = (draws < np.uint64(2**63)).mean()
    # Binomial: 0.5 +- 4 standard deviations of sqrt(0.25 / 4000) = 0.0079.
    assert abs(share - 0.5) < 0.032
    assert len(np.unique(draws)) == 4000


def test_rows_of_the_file_order_what_the_time_does_not():
    rows = [("u", "c", 1), ("u", "a", 1), ("u", "b", 0), ("u", "b", 1)]
    table = _table(rows).append_column(FILE_ORDER, pa.array([7, 3, 9, 5]))
    ordered = histories.sort_histories(table)
    assert ordered[names.ITEM_ID].to_pylist() == ["b", "a", "b", "c"]
    assert FILE_ORDER not in ordered.column_names


def test_repeats_are_rows_that_an_earlier_one_tells_already():
    rows = [("u", "a", 1), ("u", "a", 1), ("u", "a", 2), ("u", "b", 1)]
    rows += [("v", "a", 1), ("u", "a", 1)]
    table = _table(rows)
    expected = [False, True, False, False, False, True]
    assert histories.find_repeats(table).tolist() == expected
    # Another rating in the same second is another event.
    values = pa.array([3.0, 4.0, 3.0, 3.0, 3.0, 3.0], pa.float32())
    place = table.column_names.index(names.VALUE)
    table = table.set_column(place, names.VALUE, values)
    expected = [False, False, False, False, False, True]
    assert histories.find_repeats(table).tolist() == expected


def test_held_out_pairs_are_shares_whatever_the_ids():
    rows = [(f"u{n}", f"i{m}", 0) for n in range(100) for m in range(50)]
    table = histories.sort_histories(_table(rows))
    split = histories.assign_hold_out(table, (0.8, 0.1, 0.1))
    # Of 5,000 events 4,000 +- 4 standard deviations of sqrt(5000*.8*.2) = 28.
    counts = np.bincount(split, minlength=3)
    assert abs(counts[0] - 4000) < 113
    # Likewise 500 +- 4 * sqrt(5000*.1*.9) = 85.
    assert abs(counts[1:] - 500).max() < 85
    # A user's splits follow one another, as the windows need it.
    codes = table[histories.USER_CODE].to_numpy()
    assert (np.diff(split)[np.diff(codes) == 0] >= 0).all()


def test_held_out_pairs_are_the_same_again_and_others_with_another_seed():
    rows = [("u", f"i{m}", 0) for m in range(50)]

    def held_out(seed):
        table = histories.sort_histories(_table(rows), "hash", seed)
        split = histories.assign_hold_out(table, (0.8, 0.1, 0.1), seed)
        items = np.array(table[names.ITEM_ID].to_pylist())
        return sorted(items[split > 0])

    assert held_out(0) == held_out(0) != held_out(1)
