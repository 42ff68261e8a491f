"""The training part and the queries of each protocol.

Each function takes interactions in order of time and returns the training
part and the queries. The same functions, applied to the training part, give
the queries that settings are chosen by.
"""

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.queries import build_queries

NUM_FIRST_EVENTS = (1, 3, 5)  # events of a new user before a query
_TEST_SHARE = 0.1  # of the events, in time
_COLD_SHARE = 0.1  # of the items
_NEW_SHARE = 0.2  # of the users
_MIN_HISTORY = 5  # events before a query of `split_next_item`
_MAX_QUERIES = 4000  # of `split_next_item`, a fixed sample


def split_leave_last(
    interactions: Interactions, min_events: int = 2
) -> tuple[Interactions, Queries]:
    """Holds out each user's last event; the query has all before it.

    Args:
        interactions: in order of time.
        min_events: users with fewer events stay completely in training.

    Returns:
        The training part, and one query a user held out, in order of users.
    """
    users = [
        rows for rows in _rows_by_user(interactions) if len(rows) >= min_events
    ]
    is_train = np.ones(len(interactions.items), bool)
    is_train[[rows[-1] for rows in users]] = False
    train = interactions.select(is_train)
    return train, build_queries(
        interactions,
        [rows[:-1] for rows in users],
        [rows[-1:] for rows in users],
        _known_items(train),
    )


def split_next_item(interactions: Interactions) -> tuple[Interactions, Queries]:
    """Holds out the last 10% of events; each query has all events before it.

    The history moves on with the test part; the training part does not.
    Events with fewer than 5 earlier ones of the same user are no queries, and
    of the others at most 4,000 are, a fixed sample.

    Returns:
        The training part, and the queries in order of time.
    """
    first_test = find_first_test_event(interactions)
    nth = np.empty(len(interactions.items), np.int64)
    by_user = _rows_by_user(interactions)
    for rows in by_user:
        nth[rows] = np.arange(len(rows))
    asked = np.arange(first_test, len(nth))
    asked = asked[nth[asked] >= _MIN_HISTORY]
    if len(asked) > _MAX_QUERIES:
        lots = np.random.RandomState(0)
        asked = np.sort(lots.choice(asked, _MAX_QUERIES, replace=False))
    rows_of_user = {interactions.users[rows[0]]: rows for rows in by_user}
    train = interactions.select(np.arange(first_test))
    return train, build_queries(
        interactions,
        [rows_of_user[interactions.users[row]][: nth[row]] for row in asked],
        [np.array([row]) for row in asked],
        _known_items(train),
    )


def find_first_test_event(interactions: Interactions) -> int:
    """Returns the row that the last 10% of the events begin with.

    A second is not divided: all its events are test events.
    """
    first = int(len(interactions.items) * (1 - _TEST_SHARE))
    moment = interactions.timestamps[first]
    return int(np.searchsorted(interactions.timestamps, moment))


def split_cold_items(
    interactions: Interactions, seed: int = 42
) -> tuple[Interactions, Queries]:
    """Removes 10% of the items from training; ranks only these.

    Args:
        interactions: in order of time.
        seed: of the draw among the items with events.

    Returns:
        The events of the other items, and one query a user who has both:
        the history is all warm events, the targets are all cold ones.
    """
    known = np.flatnonzero(_known_items(interactions))
    lots = np.random.RandomState(seed).permutation(len(known))
    is_cold = np.zeros(len(interactions.item_ids), bool)
    is_cold[known[lots[: int(len(known) * _COLD_SHARE)]]] = True
    is_test = is_cold[interactions.items]
    histories = []
    targets = []
    for rows in _rows_by_user(interactions):
        warm, cold = rows[~is_test[rows]], rows[is_test[rows]]
        if len(warm) and len(cold):
            histories.append(warm)
            targets.append(cold)
    return interactions.select(~is_test), build_queries(
        interactions, histories, targets, is_cold
    )


def split_new_users(
    interactions: Interactions, seed: int = 42
) -> tuple[Interactions, Queries]:
    """Removes 20% of the users from training; predicts their early events.

    Args:
        interactions: in order of time.
        seed: of the draw among the users with events.

    Returns:
        The events of the other users, and for each new user a query after
        the first 1, 3 and 5 events, where there is a next one. Groups name
        the number of events.
    """
    by_user = _rows_by_user(interactions)
    lots = np.random.RandomState(seed).permutation(len(by_user))
    new = [by_user[n] for n in np.sort(lots[: int(len(lots) * _NEW_SHARE)])]
    is_train = np.ones(len(interactions.items), bool)
    for rows in new:
        is_train[rows] = False
    train = interactions.select(is_train)
    asked = [
        (rows, num_events)
        for num_events in NUM_FIRST_EVENTS
        for rows in new
        if len(rows) > num_events
    ]
    return train, build_queries(
        interactions,
        [rows[:num_events] for rows, num_events in asked],
        [rows[num_events : num_events + 1] for rows, num_events in asked],
        _known_items(train),
        [f"{num_events} known" for _, num_events in asked],
    )


def _rows_by_user(interactions: Interactions) -> list[np.ndarray]:
    """Returns the rows of each user who has events, in order of time."""
    order = np.argsort(interactions.users, kind="stable")
    starts = np.flatnonzero(np.diff(interactions.users[order])) + 1
    return [rows for rows in np.split(order, starts) if len(rows)]


def _known_items(interactions: Interactions) -> np.ndarray:
    is_known = np.zeros(len(interactions.item_ids), bool)
    is_known[interactions.items] = True
    return is_known
