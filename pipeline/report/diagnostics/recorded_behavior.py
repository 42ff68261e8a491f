"""Reads the train events and the queries of a run from its Examples."""

import itertools
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from components.window_examples import columns
from components.window_examples import reader
from components.window_examples.shards import read_records
from components.window_examples.window import Window
from schemas import events

_MAX_TRAIN_WINDOWS = 50_000
_DECODED_AT_ONCE = 1024  # windows


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainEvents:
    """Target events of the train split.

    Attributes:
        users: int64 `[E]`, numbered from 0.
        items: int64 `[E]`, rows of the catalogue.
        num_items: N, rows of the catalogue.
        step: 1 = every window was read, 2 = every second one, ...
    """

    users: np.ndarray
    items: np.ndarray
    num_items: int
    step: int

    @property
    def counts(self) -> np.ndarray:
        """Events of each item, int64 `[N]`."""
        return np.bincount(self.items, minlength=self.num_items)

    def build_incidence(self) -> sp.csr_array:
        """Builds float32 `[N, U]`: 1 where a user took an item."""
        num_users = int(self.users.max(initial=-1)) + 1
        matrix = sp.csr_array(
            (np.ones(len(self.items), np.float32), (self.items, self.users)),
            (self.num_items, max(num_users, 1)),
        )
        matrix.data[:] = 1.0  # repeated events were added up
        return matrix


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordedQueries:
    """Queries of one split, and the events that came next.

    Attributes:
        records: serialized examples (schemas/events.py), Q of them.
        windows: the same, decoded.
        histories: int64, rows of the catalogue, oldest first; one a query.
        met: int64, rows that are no candidates; one a query.
        targets: int64 `[Q]`, row of the item that came next; N = not in the
            catalogue.
        is_positive: bool `[Q]`, whether that event was a success.
        num_items: N, rows of the catalogue.
        step: 1 = every query of the split, 2 = every second one, ...
    """

    records: list[bytes]
    windows: list[Window]
    histories: list[np.ndarray]
    met: list[np.ndarray]
    targets: np.ndarray
    is_positive: np.ndarray
    num_items: int
    step: int

    def is_in_slice(self, name: str) -> np.ndarray:
        """Returns which queries belong to a slice.

        Args:
            name: "feature=value"; empty = all queries.

        Returns:
            bool `[Q]`.
        """
        if not name:
            return np.ones(len(self.records), bool)
        feature, _, value = name.partition("=")
        found = reader.read_feature(self.records, feature)
        return np.array([value in map(_show, values) for values in found], bool)


def read_train_events(
    split_path: Path, rows: Mapping[str, int], num_items: int
) -> TrainEvents:
    """Reads each train event once, as a target.

    Args:
        split_path: folder of the train split.
        rows: item id to row of the catalogue; other items are left out.
        num_items: N.
    """
    sample, step = sample_evenly(
        _iterate_records(split_path), _MAX_TRAIN_WINDOWS
    )
    codes: dict[bytes, int] = {}
    users, items = [], []
    for first in range(0, len(sample), _DECODED_AT_ONCE):
        records = sample[first : first + _DECODED_AT_ONCE]
        targets = columns.read_targets(reader.decode_batch(records))
        found = targets[events.ITEM_ID].to_pylist()
        at = np.array(
            [rows.get(item_id.decode(), num_items) for item_id in found],
            np.int64,
        )
        user_ids = targets[events.USER_ID].to_pylist()
        code = np.array(
            [codes.setdefault(user_id, len(codes)) for user_id in user_ids],
            np.int64,
        )
        items.append(at[at < num_items])
        users.append(code[at < num_items])
    nothing = np.zeros(0, np.int64)
    return TrainEvents(
        users=np.concatenate([nothing, *users]),
        items=np.concatenate([nothing, *items]),
        num_items=num_items,
        step=step,
    )


def read_queries(
    split_path: Path,
    most: int,
    rows: Mapping[str, int],
    num_items: int,
    repeats: bool,
) -> RecordedQueries:
    """Reads the queries of a split; of a long one an even sample.

    Args:
        split_path: folder of the split.
        most: how many at most.
        rows: item id to row of the catalogue.
        num_items: N.
        repeats: whether what was met competes all the same.
    """
    sample, step = sample_evenly(_iterate_records(split_path), most)
    windows = reader.decode_windows(sample)
    histories, met, targets, is_positive = [], [], [], []
    for window in windows:
        item_ids = [event.item_id for event in window.events]
        history = _find_rows(item_ids, rows, num_items)
        older = _find_rows(window.older_item_ids, rows, num_items)
        histories.append(history[history < num_items])
        known = np.append(history, older)[: 0 if repeats else None]
        met.append(np.unique(known[known < num_items]))
        targets.append(rows.get(window.label.item_id, num_items))
        is_positive.append(window.label.positive)
    return RecordedQueries(
        records=sample,
        windows=windows,
        histories=histories,
        met=met,
        targets=np.array(targets, np.int64),
        is_positive=np.array(is_positive, bool),
        num_items=num_items,
        step=step,
    )


def sample_evenly(
    records: Iterable[bytes], most: int
) -> tuple[list[bytes], int]:
    """Keeps every k-th of a stream; k is the smallest power of two that fits.

    Args:
        records: any number.
        most: how many to keep at most, at least 1.

    Returns:
        The records kept, and k.
    """
    kept: list[bytes] = []
    step = 1
    for number, record in enumerate(records):
        if number % step:
            continue
        kept.append(record)
        if len(kept) > most:
            kept = kept[::2]
            step *= 2
    return kept, step


def _iterate_records(split_path: Path) -> Iterator[bytes]:
    return itertools.chain.from_iterable(read_records(split_path))


def _find_rows(
    item_ids: Iterable[str], rows: Mapping[str, int], num_items: int
) -> np.ndarray:
    return np.array([rows.get(one, num_items) for one in item_ids], np.int64)


def _show(value: bytes | int | float) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
