"""Reads the events of a user from Examples, without TensorFlow."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from components.window_examples.reader import read_windows
from components.window_examples.reader import read_windows_of
from components.window_examples.shards import split_folder
from components.window_examples.window import Window
from components.window_examples.window import WindowEvent
from schemas import events
from serving.query import Constraints
from serving.query import Query

_NUM_SAMPLED_EXAMPLES = 1000  # enough to see which event type is usual


@dataclass(frozen=True, kw_only=True)
class UserHistory:
    """The history of a user, as a query."""

    user_id: str
    query: Query
    constraints: Constraints  # leaves out items met before the window


@dataclass(frozen=True, kw_only=True)
class TypicalEvent:
    """The usual successful event of this data, such as "rate" with 4.5."""

    event_type: str
    value: float | None


@dataclass(frozen=True, kw_only=True)
class PastUser:
    """What all windows of a user tell together, oldest event first."""

    user_id: str
    events: list[WindowEvent]
    profile: Mapping[str, str]


def load_user_history(examples_path: Path, user_id: str) -> UserHistory:
    """Finds the newest window of a user, and the event that followed it.

    Windows of the train split do not list earlier items, so the other windows
    of the user are read for these.

    Args:
        examples_path: folder of the `Examples` artifact.
        user_id: as it stands in the Examples.

    Returns:
        The history, oldest event first.

    Raises:
        LookupError: the Examples know no such user.
    """
    newest, met = None, set()
    for split in events.SPLITS:
        for window in read_windows_of(
            split_folder(examples_path, split), user_id
        ):
            met.update(window.older_item_ids)
            met.update(event.item_id for event in _list_events(window))
            if newest is None or _order(window) >= _order(newest):
                newest = window
    if newest is None:
        raise LookupError(
            "`--user` must be a user of the last run's data. "
            f"Received: {user_id!r}."
        )
    query = newest.to_next_query()
    return UserHistory(
        user_id=user_id,
        query=query,
        constraints=Constraints(
            excluded_item_ids=sorted(met.difference(query.item_ids))
        ),
    )


def find_heaviest_user(examples_path: Path) -> str:
    """Returns the id of the user with the most events known.

    Args:
        examples_path: folder of the `Examples` artifact.
    """
    num_events: Counter[str] = Counter()
    for split in events.SPLITS:
        for window in read_windows(split_folder(examples_path, split)):
            known = len(window.events) + len(window.older_item_ids)
            user_id = window.user_id
            num_events[user_id] = max(num_events[user_id], known)
    # Ties go to the id that sorts first, so that every run picks the same.
    return min(num_events, key=lambda u: (-num_events[u], u))


def iterate_queries(examples_path: Path, split: str) -> Iterator[Query]:
    """Reads the windows of a split as queries.

    Args:
        examples_path: folder of the `Examples` artifact.
        split: one of `schemas.events.SPLITS`.

    Yields:
        The events before each label, at its time and in its scenario.
    """
    for window in read_windows(split_folder(examples_path, split)):
        yield window.to_query()


def keep_first_event(history: UserHistory) -> Query:
    """Returns the query of that user after the window's first event."""
    query = history.query
    return Query(
        item_ids=query.item_ids[:1],
        event_types=query.event_types[:1],
        timestamps=query.timestamps[:1],
        values=query.values[:1],
        profile=query.profile,
    )


def find_typical_event(examples_path: Path) -> TypicalEvent:
    """Finds the usual successful event, from a sample of windows.

    Args:
        examples_path: folder of the `Examples` artifact.

    Returns:
        The most frequent type of positive events, and their mean value;
        "view" without a value where no event is positive.
    """
    folder = split_folder(examples_path, events.SPLITS[0])
    values: dict[str, list[float | None]] = {}
    for window in islice(read_windows(folder), _NUM_SAMPLED_EXAMPLES):
        for event in window.events:
            if event.positive:
                values.setdefault(event.event_type, []).append(event.value)
    if not values:
        return TypicalEvent(event_type="view", value=None)
    event_type = max(values, key=lambda kind: len(values[kind]))
    known = [value for value in values[event_type] if value is not None]
    mean = sum(known) / len(known) if known else None
    return TypicalEvent(event_type=event_type, value=mean)


def iterate_users(examples_path: Path) -> Iterator[PastUser]:
    """Joins the events of all windows.

    Events of one second stay as ingest ordered them. What is older than the
    first window of a split is known by its item alone and is left out.

    Args:
        examples_path: folder of the `Examples` artifact.
    """
    found: dict[str, list[Window]] = {}
    for split in events.SPLITS:
        for window in read_windows(split_folder(examples_path, split)):
            found.setdefault(window.user_id, []).append(window)
    for user_id, windows in found.items():
        own: dict[tuple[int, str, str], WindowEvent] = {}
        for window in sorted(windows, key=_order):
            for event in _list_events(window):
                key = (event.timestamp, event.item_id, event.event_type)
                own.setdefault(key, event)
        yield PastUser(
            user_id=user_id,
            events=sorted(own.values(), key=lambda event: event.timestamp),
            profile=windows[0].profile,
        )


def _list_events(window: Window) -> tuple[WindowEvent, ...]:
    return (*window.events, window.label)


def _order(window: Window) -> tuple[int, int, str]:
    """Orders windows of one user, also those that end in the same second.

    Of these, one that holds more events of that second ends later. Windows
    that hold nothing else are told apart by the label's id.
    """
    last = window.label.timestamp
    num_tied = sum(event.timestamp == last for event in window.events)
    return last, num_tied, window.label.item_id
