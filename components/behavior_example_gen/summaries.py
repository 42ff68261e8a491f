"""Sums over all partitions that must be known before windows are written."""

import dataclasses

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen import histories
from components.behavior_example_gen import partitions
from components.behavior_example_gen.config import DatasetConfig
from schemas import events as names
from schemas.event_facts import EventFacts
from schemas.popularity import assign_item_buckets

_COUNT = "count"


@dataclasses.dataclass
class PartitionSummary:
    """Item popularity and the random numbers of the queries.

    `item_counts` holds item_id and int64 count of train events as Arrow IPC
    bytes; `num_events` one count per split; `draws` the smallest numbers of
    eval and of test, ascending uint64; `ratings` the lowest and the highest
    value of all ratings and reviews, None where there is none; `times` the
    seconds of the oldest and of the newest event; `num_positive` counts likes;
    `num_repeats` counts rows that told an event again, and are not in it;
    `num_of_unknown_users` events of users whom the users table lacks.
    """

    item_counts: list[bytes]
    num_events: np.ndarray
    num_users: int
    times: tuple[int, int]
    draws: tuple[np.ndarray, np.ndarray]
    ratings: tuple[float, float] | None = None
    num_positive: int = 0
    num_repeats: int = 0
    num_of_unknown_users: int = 0

    def to_facts(self, dataset: DatasetConfig) -> EventFacts:
        """Returns what people are told of the events."""
        first, last = self.times if dataset.has_times() else (None, None)
        return EventFacts(
            num_events=int(self.num_events.sum()),
            num_users=self.num_users,
            first=first,
            last=last,
            num_by_split=dict(
                zip(names.SPLITS, self.num_events.tolist(), strict=True)
            ),
            num_positive=self.num_positive,
            order=dataset.events.order,
            num_of_unknown_users=self.num_of_unknown_users
            if dataset.users
            else None,
        )


def summarise(table: pa.Table, max_queries: int) -> PartitionSummary:
    """Summarises a sorted partition that has its splits."""
    split = table[histories.SPLIT].to_numpy()
    items = table[names.ITEM_ID].filter(pa.array(split == histories.TRAIN))
    counts = pc.value_counts(items)
    counted = pa.table(
        {
            names.ITEM_ID: counts.field("values"),
            _COUNT: counts.field("counts"),
        }
    )
    draws = histories.hash_queries(table)
    return PartitionSummary(
        item_counts=[partitions.to_bytes(counted)],
        num_events=np.bincount(split, minlength=3),
        # All events of a user are in one partition.
        num_users=pc.count_distinct(table[histories.USER_CODE]).as_py(),
        times=_find_range(table[names.TIMESTAMP]),
        draws=tuple(
            np.sort(draws[split == number])[:max_queries]
            for number in (histories.EVAL, histories.TEST)
        ),
        ratings=_find_ratings(table),
        num_positive=pc.sum(table[names.POSITIVE]).as_py() or 0,
    )


class MergeSummaries(beam.CombineFn):
    """Adds up summaries; None where there is no partition."""

    def __init__(self, max_queries: int):
        self._max_queries = max_queries

    def create_accumulator(self):
        return None

    def add_input(self, accumulator, element):
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators):
        known = [one for one in accumulators if one is not None]
        if len(known) < 2:
            return known[0] if known else None
        parts = [part for one in known for part in one.item_counts]
        merged = partitions.from_bytes(parts).group_by(names.ITEM_ID)
        merged = merged.aggregate([(_COUNT, "sum")])
        merged = merged.select([names.ITEM_ID, f"{_COUNT}_sum"])
        return PartitionSummary(
            item_counts=[
                partitions.to_bytes(
                    merged.rename_columns([names.ITEM_ID, _COUNT])
                )
            ],
            num_events=sum(one.num_events for one in known),
            num_users=sum(one.num_users for one in known),
            times=_join_ranges([one.times for one in known]),
            draws=tuple(
                np.sort(np.concatenate(draws))[: self._max_queries]
                for draws in zip(*(one.draws for one in known), strict=True)
            ),
            ratings=_join_ranges([one.ratings for one in known]),
            num_positive=sum(one.num_positive for one in known),
            num_repeats=sum(one.num_repeats for one in known),
            num_of_unknown_users=sum(one.num_of_unknown_users for one in known),
        )

    def extract_output(self, accumulator):
        return accumulator


def _find_ratings(table: pa.Table) -> tuple[float, float] | None:
    """Returns the lowest and the highest value of what rates an item."""
    kinds = [names.EVENT_TYPES.index(kind) for kind in names.RATING_TYPES]
    is_rating = np.isin(table[names.EVENT_TYPE].to_numpy(), kinds)
    values = table[names.VALUE].filter(pa.array(is_rating)).drop_null()
    return _find_range(values) if len(values) else None


def _find_range(values: pa.ChunkedArray) -> tuple[float, float]:
    bounds = pc.min_max(values).as_py()
    return bounds["min"], bounds["max"]


def _join_ranges(
    ranges: list[tuple[float, float] | None],
) -> tuple[float, float] | None:
    known = [one for one in ranges if one is not None]
    if not known:
        return None
    lowest, highest = zip(*known, strict=True)
    return min(lowest), max(highest)


class Popularity:
    """The popularity bucket of each item, by thirds of the train events."""

    def __init__(self, summary: PartitionSummary):
        counted = partitions.from_bytes(summary.item_counts)
        counted = counted.sort_by(
            [(_COUNT, "descending"), (names.ITEM_ID, "ascending")]
        )
        buckets = assign_item_buckets(counted[_COUNT].to_numpy())
        self._items = counted[names.ITEM_ID].combine_chunks()
        self._buckets = np.append(buckets, 3)

    def buckets(self, items: pa.Array) -> pa.Array:
        """Returns the bucket name of each item; string."""
        found = pc.index_in(items, value_set=self._items)
        rows = found.fill_null(len(self._items)).to_numpy()
        return pa.array(names.ITEM_BUCKETS).take(pa.array(self._buckets[rows]))


def last_draw(draws: np.ndarray, num_events: int) -> int:
    """Returns the largest number whose query is still drawn."""
    if len(draws) == num_events or not len(draws):
        return int(np.iinfo(np.uint64).max)
    return int(draws[-1])
