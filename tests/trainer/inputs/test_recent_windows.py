"""Queries of a split as windows to learn from."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.recent_windows import select_windows

_NONE = 100  # padding


def _ask(user, first, last, width=100):
    """Asks for event `last` of one who met the items first, first + 1, ..."""
    begin = max(first, last - width + 1)
    rows = np.arange(begin, last + 1, dtype=np.int32)
    older = [*range(first, begin), _NONE, _NONE]
    batch = {
        "rows": rows,
        "timestamp": 10 * rows.astype(np.int64),
        "mask": np.ones(len(rows), bool),
        "is_target": rows == last,
        "older_rows": np.array(older, np.int32),
        "profile": np.array([1, 2], np.int32),
        "user": np.array([user]),
    }
    return {name: tf.constant(array[None]) for name, array in batch.items()}


def _select(queries):
    return select_windows(queries, _NONE)


def _targets(windows):
    return [w["rows"][w["is_target"]].tolist() for w in windows]


def test_queries_of_a_user_become_one_window():
    windows = _select([_ask(7, 0, last) for last in (4, 5, 6)])
    assert len(windows) == 1
    # The window knows all events, and learns those that were asked about.
    assert windows[0]["rows"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert _targets(windows) == [[4, 5, 6]]


def _in_one_second(*queries):
    return [
        query | {"timestamp": query["timestamp"] * 0 + 1} for query in queries
    ]


def test_of_queries_that_end_in_one_second_the_later_one_is_kept():
    queries = (_ask(7, 0, last) for last in (5, 6, 4))
    (window,) = _select(_in_one_second(*queries))
    assert window["rows"].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_events_of_the_same_second_are_no_targets_unless_asked_about():
    windows = _select(_in_one_second(*(_ask(7, 0, last) for last in (4, 5, 6))))
    assert _targets(windows) == [[4, 5, 6]]


def test_each_event_is_a_target_once_though_all_happen_in_one_second():
    queries = (_ask(7, 0, last, width=5) for last in range(3, 30))
    targets = _targets(_select(_in_one_second(*queries)))
    assert sorted(row for rows in targets for row in rows) == [*range(3, 30)]


@pytest.mark.parametrize("seed", range(5))
def test_each_event_is_a_target_once_in_windows_full_of_one_second(seed):
    queries = [_ask(7, 0, last, width=51) for last in range(20, 80)]
    np.random.default_rng(seed).shuffle(queries)
    targets = _targets(_select(_in_one_second(*queries)))
    assert sorted(row for rows in targets for row in rows) == [*range(20, 80)]


def _ask_about_all(items, seconds, first, width, max_older=100):
    """Asks for all events from `first` on; `value` is an event's number."""
    for last in range(first, len(items)):
        begin = max(0, last - width + 1)
        older = items[max(0, begin - max_older) : begin]
        batch = {
            "rows": np.array(items[begin : last + 1], np.int32),
            "timestamp": np.array(seconds[begin : last + 1], np.int64),
            "mask": np.ones(last + 1 - begin, bool),
            "older_rows": np.array([*older, _NONE], np.int32),
            "value": np.arange(begin, last + 1, dtype=np.float32),
            "profile": np.array([1], np.int32),
            "user": np.array([7]),
        }
        yield {name: tf.constant(array[None]) for name, array in batch.items()}


def _numbers_of_targets(windows):
    return sorted(n for w in windows for n in w["value"][w["is_target"]])


@pytest.mark.parametrize("per_second", [4, 80])
@pytest.mark.parametrize("num_items", [1, 3, 7])
@pytest.mark.parametrize("width", [5, 51])
def test_each_event_is_a_target_once_though_items_repeat_in_a_second(
    width, num_items, per_second
):
    items = [n % num_items for n in range(80)]
    seconds = [n // per_second for n in range(80)]
    queries = [*_ask_about_all(items, seconds, 20, width)]
    np.random.default_rng(0).shuffle(queries)
    assert _numbers_of_targets(_select(queries)) == [*range(20, 80)]


def test_event_before_the_first_query_is_no_target_though_it_looks_the_same():
    # Items 3, 5, 3 in one second, and only the last one is asked about.
    queries = _ask_about_all([3, 5, 3], [1, 1, 1], first=2, width=5)
    assert _numbers_of_targets(_select(queries)) == [2]


def test_order_within_a_second_is_known_also_if_older_items_are_cut_off():
    seconds = [n // 4 for n in range(80)]
    queries = [*_ask_about_all([*range(80)], seconds, 20, 5, max_older=20)]
    np.random.default_rng(0).shuffle(queries)
    assert _numbers_of_targets(_select(queries)) == [*range(20, 80)]


@pytest.mark.parametrize("num_items", [7, 80])
@pytest.mark.parametrize("seed", range(5))
def test_no_event_is_a_target_twice_though_some_are_not_asked_about(
    seed, num_items
):
    draws = np.random.default_rng(seed)
    items = [n % num_items for n in range(80)]
    queries = [*_ask_about_all(items, [n // 6 for n in range(80)], 20, 5)]
    # An item and time that come twice are both asked about, or neither is.
    names = [(n % num_items, n // 6) for n in range(20, 80)]
    drawn = {name: draws.random() < 0.5 for name in names}
    asked = [
        query for query, name in zip(queries, names, strict=True) if drawn[name]
    ]
    learnt = _numbers_of_targets(_select(asked))
    assert len(learnt) == len(set(learnt))
    labels = {n for n, name in enumerate(names, 20) if drawn[name]}
    assert labels <= set(learnt)


def test_users_stay_apart():
    windows = _select([_ask(7, 0, 2), _ask(8, 5, 8)])
    assert _targets(windows) == [[2], [8]]


def test_first_event_of_a_new_user_is_a_target():
    windows = _select([_ask(7, 3, last) for last in (3, 4, 5)])
    assert _targets(windows) == [[3, 4, 5]]


def test_every_event_of_a_long_user_is_a_target():
    # Windows of 5 events: the beginning of the user is out of sight.
    queries = [_ask(7, 0, last, width=5) for last in range(3, 30)]
    windows = _select(queries)
    assert len(windows) < len(queries) / 2
    learnt = [row for rows in _targets(windows) for row in rows]
    assert sorted(learnt) == [*range(3, 30)]


def test_padding_is_cut_off():
    padded = {
        name: tf.pad(value, [[0, 0], [0, 2]])
        for name, value in _ask(7, 0, 3).items()
    }
    [window] = _select([padded])
    assert window["rows"].tolist() == [0, 1, 2, 3]


def test_batches_are_padded_with_no_item():
    windows = _select([_ask(7, 0, 1), _ask(8, 5, 8)])
    [batch] = iterate_batches(windows, 8, padding_row=_NONE)
    assert batch["rows"].tolist() == [[0, 1, _NONE, _NONE], [5, 6, 7, 8]]
    assert batch["mask"].sum() == 6
    assert batch["user"].tolist() == [[7], [8]]
    assert len(list(iterate_batches(windows, 1, _NONE))) == 2
