"""Queries of a split as windows to learn from."""

import numpy as np
import tensorflow as tf

from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.recent_windows import select_windows

_NONE = 100  # padding


def _ask(user_id, first, last, width=100):
    """Asks for event `last` of one who met the items first, first + 1, ..."""
    rows = np.arange(max(first, last - width + 1), last + 1, dtype=np.int32)
    batch = {
        "rows": rows,
        "timestamp": 10 * rows.astype(np.int64),
        "mask": np.ones(len(rows), bool),
        "is_target": rows == last,
        "older_rows": np.array([_NONE], np.int32),
        "profile": np.array([1, 2], np.int32),
    }
    batch = {name: tf.constant(array[None]) for name, array in batch.items()}
    return np.array([user_id]), batch


def _targets(windows):
    return [w["rows"][w["is_target"]].tolist() for w in windows]


def test_queries_of_a_user_become_one_window():
    windows = select_windows([_ask(b"u", 0, last) for last in (4, 5, 6)])
    assert len(windows) == 1
    # The window knows all events, and learns those that were asked about.
    assert windows[0]["rows"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert _targets(windows) == [[4, 5, 6]]


def test_of_queries_that_end_in_one_second_the_later_one_is_kept():
    queries = [_ask(b"u", 0, last) for last in (5, 6, 4)]
    tied = [
        (user, batch | {"timestamp": batch["timestamp"] * 0 + 1})
        for user, batch in queries
    ]
    (window,) = select_windows(tied)
    assert window["rows"].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_users_stay_apart():
    windows = select_windows([_ask(b"u", 0, 2), _ask(b"v", 5, 8)])
    assert _targets(windows) == [[2], [8]]


def test_first_event_of_a_new_user_is_a_target():
    windows = select_windows([_ask(b"u", 3, last) for last in (3, 4, 5)])
    assert _targets(windows) == [[3, 4, 5]]


def test_every_event_of_a_long_user_is_a_target():
    # Windows of 5 events: the beginning of the user is out of sight.
    queries = [_ask(b"u", 0, last, width=5) for last in range(3, 30)]
    windows = select_windows(queries)
    assert len(windows) < len(queries) / 2
    learnt = {row for rows in _targets(windows) for row in rows}
    assert learnt == set(range(3, 30))


def test_padding_is_cut_off():
    user_ids, batch = _ask(b"u", 0, 3)
    padded = {
        name: tf.pad(value, [[0, 0], [0, 2]]) for name, value in batch.items()
    }
    [window] = select_windows([(user_ids, padded)])
    assert window["rows"].tolist() == [0, 1, 2, 3]


def test_batches_are_padded_with_no_item():
    windows = select_windows([_ask(b"u", 0, 1), _ask(b"v", 5, 8)])
    [batch] = iterate_batches(windows, 8, padding_row=_NONE)
    assert batch["rows"].tolist() == [[0, 1, _NONE, _NONE], [5, 6, 7, 8]]
    assert batch["mask"].sum() == 6
    assert len(list(iterate_batches(windows, 1, _NONE))) == 2
