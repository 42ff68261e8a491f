"""Queries of the eval split as training windows, for the last epochs."""

import bisect
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.inputs.windows import RowLookup
from trainer.inputs.windows import to_batch

_PARSED_AT_ONCE = 512


def load_recent_windows(
    paths: Sequence[str],
    feature_spec: Mapping[str, object],
    rows: RowLookup,
) -> list[dict[str, np.ndarray]]:
    """Reads the queries of a split as training windows.

    Args:
        paths: gzip TFRecord files of the split's transformed examples.
        feature_spec: of the transformed features.
        rows: the catalogue's look-up.

    Returns:
        As of `select_windows`.
    """
    dataset = tf.data.TFRecordDataset(sorted(paths), compression_type="GZIP")
    parsed = (
        tf.io.parse_example(serialized, dict(feature_spec))
        for serialized in dataset.batch(_PARSED_AT_ONCE)
    )
    batches = (to_batch(features, rows) for features in parsed)
    return select_windows(batches, rows.num_items)


def select_windows(
    batches: Iterable[Mapping[str, tf.Tensor]], padding_row: int
) -> list[dict[str, np.ndarray]]:
    """Selects few windows that contain all targets of the queries.

    A query predicts one event from all before it, so a user's queries repeat
    each other. Those that cover all events since the user's first query are
    kept; each event from then on is a target of one of them. Of a window that
    is full the first half stays context, as in the train split.

    Args:
        batches: queries as of `windows.to_batch`.
        padding_row: N, which pads `older_rows`.

    Returns:
        One window each: the fields of `windows.to_batch` without padding,
        `[S]` or, `older_rows`, `profile` and `user`, `[X]`, `[P]` and `[1]`.
    """
    by_user: dict[int, list[dict[str, np.ndarray]]] = {}
    for batch in batches:
        for query in _split(batch):
            by_user.setdefault(int(query["user"][0]), []).append(query)
    return [
        window
        for queries in by_user.values()
        for window in _cover(queries, padding_row)
    ]


def iterate_batches(
    windows: Sequence[dict[str, np.ndarray]], batch_size: int, padding_row: int
) -> Iterator[dict[str, np.ndarray]]:
    """Pads windows to batches as of `windows.to_batch`."""
    for first in range(0, len(windows), batch_size):
        chosen = windows[first : first + batch_size]
        yield {
            name: _pad(
                [window[name] for window in chosen],
                padding_row if name in ("rows", "older_rows") else 0,
            )
            for name in chosen[0]
        }


def _split(batch):
    """Splits a batch; yields one query at a time, without padding."""
    arrays = {name: tensor.numpy() for name, tensor in batch.items()}
    lengths = arrays["mask"].sum(axis=1)
    for at, length in enumerate(lengths):
        query = {name: array[at, :length] for name, array in arrays.items()}
        # These are no events.
        whole = ("older_rows", "profile", "user")
        yield query | {name: arrays[name][at] for name in whole}


def _cover(queries, padding_row):
    """Selects from one user's queries, newest first, and marks targets."""
    queries = sorted(queries, key=lambda query: _end(query, padding_row))
    asked: dict[tuple[int, int], list[int]] = {}
    for nth, query in enumerate(queries):
        asked.setdefault(_name_event(query, -1), []).append(nth)
    nth = len(queries) - 1
    while nth >= 0:
        query = queries[nth]
        times = query["timestamp"]
        first = _find_first(query, queries[0], asked, nth)
        is_full = first is None
        if is_full:  # the user's first query is out of sight
            first = len(times) // 2
        is_target = np.arange(len(times)) >= first
        yield query | {"is_target": is_target}
        if not is_full:
            return
        # The next older query ends right before the targets of this one.
        older = _find_query(query, first - 1, asked, nth)
        if older is None:
            older = min(nth - 1, _find_newest(queries, times[first - 1]))
            while older >= 0 and _is_target(queries, older, asked, nth, first):
                older -= 1
        nth = older


def _name_event(query, place):
    """Time and item: times alone do not tell ties apart."""
    return int(query["timestamp"][place]), int(query["rows"][place])


def _find_places(query, name):
    """Places in a window of the events of one time and item."""
    time, row = name
    is_it = (query["timestamp"] == time) & (query["rows"] == row)
    return np.flatnonzero(is_it)


def _find_query(query, place, asked, nth):
    """Position of the query whose label is an event of a window.

    An item may come several times in one second. All of these events in the
    split are queries, or none is, because queries are drawn by user, item and
    time: so they are told apart by counting back from the end of the window.

    Args:
        query: the one whose window it is.
        place: of the event.
        asked: positions of the queries, rising, by the name of their label.
        nth: position of `query`.

    Returns:
        None = the event is no label of a query.
    """
    name = _name_event(query, place)
    until_here = _list_until(asked, name, nth)
    num_from_place = np.count_nonzero(_find_places(query, name) >= place)
    if num_from_place > len(until_here):
        return None
    return until_here[-num_from_place]


def _find_first(query, oldest, asked, nth):
    """Place in a window of the oldest query's label; None = before it."""
    name = _name_event(oldest, -1)
    places = _find_places(query, name)
    num_back = len(_list_until(asked, name, nth))
    return int(places[-num_back]) if num_back <= len(places) else None


def _is_target(queries, other, asked, nth, first):
    """Whether the nth query's window learns the label of another query.

    It may, although the window's targets begin later in the same second.
    """
    name = _name_event(queries[other], -1)
    places = _find_places(queries[nth], name)
    until_here = _list_until(asked, name, nth)
    num_back = len(until_here) - bisect.bisect_left(until_here, other)
    return num_back <= len(places) and places[-num_back] >= first


def _list_until(asked, name, nth):
    """Positions of an event's queries that are not after the nth query."""
    positions = asked.get(name, [])
    return positions[: bisect.bisect_right(positions, nth)]


def _end(query, padding_row):
    """Orders queries of one user, also those that end in the same second.

    Of these, one with more events before its end is later: in its window, and
    older ones once the window is full. Once these are full, too, one with
    more events of that second in its window is later. Only of a second that
    fills the whole window of such a user the order is not known.
    """
    times = query["timestamp"]
    num_older = np.count_nonzero(query["older_rows"] != padding_row)
    num_of_second = np.count_nonzero(times == times[-1])
    return times[-1], len(times) + num_older, num_of_second


def _find_newest(queries, time):
    """Position of the newest query not after a time; -1 = none."""
    times = [query["timestamp"][-1] for query in queries]
    return int(np.searchsorted(times, time, side="right")) - 1


def _pad(arrays, value):
    width = max(len(array) for array in arrays)
    padded = np.full((len(arrays), width), value, arrays[0].dtype)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    return padded
