"""Reads back from Examples what a user did. Loads TensorFlow."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from schemas import events
from serving.query import Constraints
from serving.query import Query

_SPLITS_NEWEST_FIRST = tuple(reversed(events.SPLITS))
_BATCH_SIZE = 1024
_NUM_SAMPLED_EXAMPLES = 1000  # enough to see which event type is usual


@dataclass(frozen=True, kw_only=True)
class UserHistory:
    """All that is known of a user, ready to be asked about."""

    user_id: str
    query: Query
    constraints: Constraints  # leaves out what she met before the window


@dataclass(frozen=True, kw_only=True)
class TypicalEvent:
    """What a success looks like in this data: "rate" with value 4.5."""

    event_type: str
    value: float | None


def load_user_history(examples_path: Path, user_id: str) -> UserHistory:
    """Finds the newest window of a user, and the event that followed it.

    Windows of the train split do not list what came before them, so that the
    other windows of the user are read for that.

    Args:
        examples_path: folder of the `Examples` artifact.
        user_id: as it stands in the Examples.

    Returns:
        The history, oldest event first.

    Raises:
        LookupError: the Examples know no such user.
    """
    wanted = user_id.encode()
    newest, met = None, set()
    for split in _SPLITS_NEWEST_FIRST:
        for record, found_id in _read_user_ids(examples_path, split):
            if found_id != wanted:
                continue
            example = tf.train.Example.FromString(record)
            met.update(_list_item_ids(example))
            if newest is None or _order(example) > _order(newest):
                newest = example
    if newest is None:
        raise LookupError(
            "`--user` must be a user of the last run's data. "
            f"Received: {user_id!r}."
        )
    return _as_history(newest, met)


def find_heaviest_user(examples_path: Path) -> str:
    """Returns the id of the user with the most events known.

    Args:
        examples_path: folder of the `Examples` artifact.
    """
    num_events: Counter[bytes] = Counter()
    for split in events.SPLITS:
        for record, user_id in _read_user_ids(examples_path, split):
            features = tf.train.Example.FromString(record).features.feature
            known = len(features[events.ITEM_ID].bytes_list.value)
            known += len(features[events.OLDER_ITEM_ID].bytes_list.value)
            num_events[user_id] = max(num_events[user_id], known)
    # Ties go to the id that sorts first, so that runs agree.
    return min(num_events, key=lambda u: (-num_events[u], u)).decode()


def iterate_queries(examples_path: Path, split: str) -> Iterator[Query]:
    """Reads the windows of a split as they were asked about.

    Args:
        examples_path: folder of the `Examples` artifact.
        split: one of `schemas.events.SPLITS`.

    Yields:
        The events before each label.
    """
    for record, _ in _read_user_ids(examples_path, split):
        query = _as_history(tf.train.Example.FromString(record), set()).query
        yield Query(
            item_ids=query.item_ids[:-1],
            event_types=query.event_types[:-1],
            timestamps=query.timestamps[:-1],
            values=query.values[:-1],
        )


def keep_first_event(history: UserHistory) -> Query:
    """Returns the query of that user when the window held one event."""
    query = history.query
    return Query(
        item_ids=query.item_ids[:1],
        event_types=query.event_types[:1],
        timestamps=query.timestamps[:1],
        values=query.values[:1],
    )


def find_typical_event(examples_path: Path) -> TypicalEvent:
    """Finds out how a successful event looks, from a sample of windows.

    Args:
        examples_path: folder of the `Examples` artifact.

    Returns:
        The most frequent type of positive events, and their mean value;
        "view" without a value where no event is positive.
    """
    num_events: Counter[str] = Counter()
    values: dict[str, list[float]] = {}
    records = _read_user_ids(examples_path, events.SPLITS[0])
    for _, (record, _) in zip(
        range(_NUM_SAMPLED_EXAMPLES), records, strict=False
    ):
        features = tf.train.Example.FromString(record).features.feature
        for kind, value, positive in zip(
            features[events.EVENT_TYPE].bytes_list.value,
            features[events.VALUE].float_list.value,
            features[events.POSITIVE].int64_list.value,
            strict=True,
        ):
            if positive:
                num_events[kind.decode()] += 1
                values.setdefault(kind.decode(), []).append(value)
    if not num_events:
        return TypicalEvent(event_type="view", value=None)
    event_type = num_events.most_common(1)[0][0]
    known = [v for v in values[event_type] if v == v]  # NaN = has no value
    mean = sum(known) / len(known) if known else None
    return TypicalEvent(event_type=event_type, value=mean)


def _read_user_ids(
    examples_path: Path, split: str
) -> Iterator[tuple[bytes, bytes]]:
    """Yields each serialized example beside its user id."""
    files = sorted(str(p) for p in examples_path.glob(f"Split-{split}/*"))
    if not files:
        return
    spec = {events.USER_ID: tf.io.FixedLenFeature([], tf.string)}
    batches = tf.data.TFRecordDataset(files, compression_type="GZIP").batch(
        _BATCH_SIZE
    )
    for records in batches:
        user_ids = tf.io.parse_example(records, spec)[events.USER_ID]
        yield from zip(
            records.numpy().tolist(), user_ids.numpy().tolist(), strict=True
        )


def _order(example: tf.train.Example) -> tuple[int, int, bytes]:
    """Orders windows of one user, also those that end in the same second.

    Of these, one that holds more events of that second ends later. Windows
    that hold nothing else are told apart by the label's id.
    """
    features = example.features.feature
    (last,) = features[events.LABEL_TIMESTAMP].int64_list.value
    num_tied = list(features[events.TIMESTAMP].int64_list.value).count(last)
    (item_id,) = features[events.LABEL_ITEM_ID].bytes_list.value
    return last, num_tied, item_id


def _list_item_ids(example: tf.train.Example) -> list[str]:
    features = example.features.feature
    return [
        item_id.decode()
        for name in (
            events.OLDER_ITEM_ID,
            events.ITEM_ID,
            events.LABEL_ITEM_ID,
        )
        for item_id in features[name].bytes_list.value
    ]


def _as_history(example: tf.train.Example, met: set[str]) -> UserHistory:
    features = example.features.feature

    def texts(name: str) -> list[str]:
        return [value.decode() for value in features[name].bytes_list.value]

    label_value = features[events.LABEL_VALUE].float_list.value[0]
    has_value = features[events.LABEL_VALUE_WEIGHT].float_list.value[0] > 0
    window_values = [
        value if value == value else None  # NaN = has no value
        for value in features[events.VALUE].float_list.value
    ]
    item_ids = texts(events.ITEM_ID) + texts(events.LABEL_ITEM_ID)
    return UserHistory(
        user_id=texts(events.USER_ID)[0],
        query=Query(
            item_ids=item_ids,
            event_types=texts(events.EVENT_TYPE)
            + texts(events.LABEL_EVENT_TYPE),
            timestamps=[
                *features[events.TIMESTAMP].int64_list.value,
                *features[events.LABEL_TIMESTAMP].int64_list.value,
            ],
            values=[*window_values, label_value if has_value else None],
            profile=dict(
                text.split("=", maxsplit=1) for text in texts(events.PROFILE)
            ),
        ),
        constraints=Constraints(
            excluded_item_ids=sorted(met.difference(item_ids))
        ),
    )


def iterate_event_records(
    examples_path: Path,
) -> Iterator[tuple[str, list[tuple[int, str, str, float | None]]]]:
    """Puts the events of all windows together again.

    Args:
        examples_path: folder of the `Examples` artifact.

    Yields:
        A user id, and (timestamp, item id, event type, value) of all that the
        user did, oldest first, those of one second as ingest ordered them.
        What is older than the first window of a split is known by its item
        alone and is left out.
    """
    found: dict[str, list[tuple]] = {}
    for split in events.SPLITS:
        for record, user_id in _read_user_ids(examples_path, split):
            example = tf.train.Example.FromString(record)
            query = _as_history(example, set()).query
            keys = zip(
                query.timestamps,
                query.item_ids,
                query.event_types,
                strict=True,
            )
            window = dict(zip(keys, query.values, strict=True))
            found.setdefault(user_id.decode(), []).append(
                (_order(example), window)
            )
    for user_id, windows in found.items():
        own: dict[tuple[int, str, str], float | None] = {}
        for _, window in sorted(windows, key=lambda one: one[0]):
            own |= window
        ordered = sorted(own, key=lambda event: event[0])
        yield user_id, [(*event, own[event]) for event in ordered]
