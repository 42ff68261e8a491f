"""Reads back from Examples what a run learnt from and was asked about."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import tensorflow as tf

from schemas import events

_MAX_TRAIN_WINDOWS = 50_000


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
        examples: the same, parsed.
        histories: int64, rows of the catalogue, oldest first; one a query.
        met: int64, rows that are no candidates; one a query.
        targets: int64 `[Q]`, row of the item that came next; N = not in the
            catalogue.
        is_positive: bool `[Q]`, whether that event was a success.
        num_items: N, rows of the catalogue.
        step: 1 = every query of the split, 2 = every second one, ...
    """

    records: list[bytes]
    examples: list[tf.train.Example]
    histories: list[np.ndarray]
    met: list[np.ndarray]
    targets: np.ndarray
    is_positive: np.ndarray
    num_items: int
    step: int

    def is_in_slice(self, name: str) -> np.ndarray:
        """Says which queries belong to a slice.

        Args:
            name: "feature=value"; empty = all queries.

        Returns:
            bool `[Q]`.
        """
        if not name:
            return np.ones(len(self.examples), bool)
        feature, _, value = name.partition("=")
        return np.array(
            [value in _list_texts(one, feature) for one in self.examples], bool
        )


def read_train_events(
    split_path: Path, rows: Mapping[str, int], num_items: int
) -> TrainEvents:
    """Reads each train event once, as a target.

    Args:
        split_path: folder of the train split.
        rows: item id to row of the catalogue; other items are left out.
        num_items: N.
    """
    sample, step = sample_evenly(_read_records(split_path), _MAX_TRAIN_WINDOWS)
    codes: dict[bytes, int] = {}
    users, items = [], []
    for record in sample:
        features = tf.train.Example.FromString(record).features.feature
        user_id = features[events.USER_ID].bytes_list.value[0]
        code = codes.setdefault(user_id, len(codes))
        num_context = features[events.NUM_CONTEXT].int64_list.value[0]
        window = _find_rows(features[events.ITEM_ID], rows, num_items)
        label = _find_rows(features[events.LABEL_ITEM_ID], rows, num_items)
        targets = np.append(window[num_context:], label)
        items.append(targets[targets < num_items])
        users.append(np.full(len(items[-1]), code, np.int64))
    nothing = np.zeros(0, np.int64)
    return TrainEvents(
        users=np.concatenate([nothing, *users]),
        items=np.concatenate([nothing, *items]),
        num_items=num_items,
        step=step,
    )


def read_queries(
    split_path: Path, most: int, rows: Mapping[str, int], num_items: int
) -> RecordedQueries:
    """Reads the queries of a split; of a long one an even sample.

    Args:
        split_path: folder of the split.
        most: how many at most.
        rows: item id to row of the catalogue.
        num_items: N.
    """
    sample, step = sample_evenly(_read_records(split_path), most)
    examples = [tf.train.Example.FromString(record) for record in sample]
    histories, met, targets, is_positive = [], [], [], []
    for example in examples:
        features = example.features.feature
        window = _find_rows(features[events.ITEM_ID], rows, num_items)
        older = _find_rows(features[events.OLDER_ITEM_ID], rows, num_items)
        label = _find_rows(features[events.LABEL_ITEM_ID], rows, num_items)
        histories.append(window[window < num_items])
        known = np.append(window, older)
        met.append(np.unique(known[known < num_items]))
        targets.append(label[0])
        positive = features[events.LABEL_POSITIVE].float_list.value
        is_positive.append(positive[0] > 0)
    return RecordedQueries(
        records=sample,
        examples=examples,
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
    """Keeps every k-th of a stream, k as small a power of two as it takes.

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


def _read_records(split_path: Path) -> Iterator[bytes]:
    files = sorted(str(path) for path in split_path.glob("*.gz"))
    if files:
        dataset = tf.data.TFRecordDataset(files, compression_type="GZIP")
        yield from dataset.as_numpy_iterator()


def _find_rows(
    feature: tf.train.Feature, rows: Mapping[str, int], num_items: int
) -> np.ndarray:
    return np.array(
        [rows.get(v.decode(), num_items) for v in feature.bytes_list.value],
        np.int64,
    )


def _list_texts(example: tf.train.Example, name: str) -> list[str]:
    """Returns the values of a feature as the evaluation names slices."""
    feature = example.features.feature[name]
    kind = feature.WhichOneof("kind")
    values = getattr(feature, kind).value if kind else ()
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]
