"""Counts faults of behaviour data with Beam.

Events are Arrow tables, grouped by a hash of the user: events that must be
compared (repeated events, a user's pace) are in one table, and no event becomes
a Python object.
"""

from collections.abc import Iterable
from collections.abc import Iterator

import apache_beam as beam
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems
from typing_extensions import override

from components.behavior_validator import personal_data
from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.tally import MAX_OFFENDERS
from components.behavior_validator.tally import SumTallies
from components.behavior_validator.tally import Tally
from components.behavior_validator.targets import SPLIT
from components.behavior_validator.targets import extract_targets
from components.behavior_validator.targets import find_leaking_examples
from components.behavior_validator.targets import get_users
from schemas import events

_NUM_SHARDS = 64  # groups of users; bounds how many workers can share
_KEY = [events.USER_ID, events.ITEM_ID, events.EVENT_TYPE, events.TIMESTAMP]
_SAME = [*_KEY, events.VALUE]  # what makes two events one
_LABELS = dict(zip(("user", "item", "type", "time"), _KEY, strict=True))
_MINUTE = 60
_DAY = 86400
_TARGETS = "targets"
_ITEM_CHECKS = {"card_numbers": "item_card_numbers"}  # others are the same

Finding = tuple[str, Tally]


class CountBehaviorFaults(beam.PTransform):
    """Runs all checks on events and items.

    Input: {split name: PCollection of Arrow record batches of examples}.
    Output: `(check name, Tally)` pairs, one a check.
    """

    def __init__(
        self, config: BehaviorValidatorConfig, now: int, catalog_path: str
    ):
        super().__init__()
        self._config = config
        self._now = now
        self._catalog_path = catalog_path

    @override
    def expand(self, splits):
        findings, shards = [], []
        for name, batches in splits.items():
            checked = batches | f"CheckBatches[{name}]" >> beam.ParDo(
                _CheckBatch(name, self._config, self._now, self._catalog_path)
            ).with_outputs(_TARGETS, main="findings")
            findings.append(checked.findings)
            shards.append(checked[_TARGETS])
        pipeline = findings[0].pipeline
        by_user = (
            shards
            | "FlattenShards" >> beam.Flatten()
            | "GroupByUsers" >> beam.GroupByKey()
            | "CheckUsers" >> beam.FlatMap(_check_users, self._config)
        )
        items = (
            pipeline
            | "NameCatalog" >> beam.Create([self._catalog_path])
            | "CheckItems" >> beam.FlatMap(_check_items)
        )
        return (
            [*findings, by_user, items]
            | "FlattenFindings" >> beam.Flatten()
            | "SumTallies" >> beam.CombinePerKey(SumTallies())
        )


class _CheckBatch(beam.DoFn):
    """Checks one batch; passes its targets on, by user."""

    def __init__(
        self,
        split: str,
        config: BehaviorValidatorConfig,
        now: int,
        catalog_path: str,
    ):
        self._split = split
        self._config = config
        self._now = now
        self._catalog_path = catalog_path

    @override
    def setup(self):
        with FileSystems.open(self._catalog_path) as file:
            table = pq.read_table(file, columns=[events.ITEM_ID])
        self._items = table[events.ITEM_ID].cast(pa.large_binary())

    @override
    def process(self, batch):
        leaking = find_leaking_examples(batch)
        users = get_users(batch).take(pa.array(leaking[:MAX_OFFENDERS]))
        yield (
            "leaking_windows",
            Tally(
                len(leaking),
                batch.num_rows,
                tuple(f"{self._split}: user {_show(user)}" for user in users),
            ),
        )
        targets = extract_targets(batch, self._split)
        times = targets[events.TIMESTAMP]
        faults = {
            "future_events": pc.greater(times, self._now),
            "implausible_times": pc.less(times, self._config.earliest),
            "unknown_items": pc.invert(
                pc.is_in(targets[events.ITEM_ID], value_set=self._items)
            ),
        }
        for name, mask in faults.items():
            yield name, _tally_events(targets, np.flatnonzero(mask))
        yield from _check_texts(
            targets[events.TEXT].combine_chunks(),
            lambda row: _name_event(targets, row),
        )
        for shard, part in _split_by_user(targets.select([*_SAME, SPLIT])):
            yield beam.pvalue.TaggedOutput(_TARGETS, (shard, part))


def _check_texts(texts: pa.Array, name_row) -> Iterator[Finding]:
    """Looks for personal data; `name_row` says where a text stands."""
    num_texts = pc.sum(pc.greater(pc.binary_length(texts), 0)).as_py() or 0
    for kind in personal_data.KINDS:
        rows = personal_data.select_personal_data(texts, kind)
        offenders = []
        for row in rows[:MAX_OFFENDERS].tolist():
            text = _show(texts[row])
            found = personal_data.find_personal_data(text, kind)
            passages = ", ".join(
                personal_data.mask_personal_data(passage) for passage in found
            )
            offenders.append(f"{name_row(row)}: {passages}")
        yield kind, Tally(len(rows), num_texts, tuple(offenders))


def _split_by_user(targets: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Yields the rows of each group of users that occurs."""
    users = targets[events.USER_ID].combine_chunks().dictionary_encode()
    hashes = pd.util.hash_array(
        np.asarray(users.dictionary.to_pylist(), dtype=object)
    )
    shards = (hashes % _NUM_SHARDS)[users.indices.to_numpy()]
    for shard in np.unique(shards).tolist():
        yield shard, targets.filter(pa.array(shards == shard))


def _check_users(
    element: tuple[int, Iterable[pa.Table]], config: BehaviorValidatorConfig
) -> Iterator[Finding]:
    """Checks that need all events of a user."""
    table = pa.concat_tables(element[1]).combine_chunks()
    repeats = table.group_by([*_SAME, SPLIT]).aggregate([([], "count_all")])
    rows = np.flatnonzero(pc.greater(repeats["count_all"], 1))
    surplus = int(pc.sum(pc.subtract(repeats["count_all"], 1)).as_py())
    names = _tally_events(repeats, rows).offenders
    yield "duplicate_events", Tally(surplus, table.num_rows, names)
    distinct = repeats.group_by(_SAME).aggregate([(SPLIT, "count")])
    shared = np.flatnonzero(pc.greater(distinct[f"{SPLIT}_count"], 1))
    yield "events_in_two_splits", _tally_events(distinct, shared)
    yield "inhuman_users", _check_pace(table, config)


def _check_pace(table: pa.Table, config: BehaviorValidatorConfig) -> Tally:
    """Finds users with too many events within a minute or a day.

    More than n events fall within a span if the n-th event after some event
    comes before the span is over.
    """
    users = table[events.USER_ID].combine_chunks().dictionary_encode()
    codes = users.indices.to_numpy()
    times = table[events.TIMESTAMP].to_numpy()
    order = np.lexsort((times, codes))
    codes, times = codes[order], times[order]
    fast = np.zeros(0, codes.dtype)
    for bound, span in (
        (config.max_events_per_minute, _MINUTE),
        (config.max_events_per_day, _DAY),
    ):
        is_fast = (codes[bound:] == codes[:-bound]) & (
            times[bound:] - times[:-bound] < span
        )
        fast = np.union1d(fast, codes[bound:][is_fast])
    offenders = tuple(
        f"user {_show(users.dictionary[code])}"
        for code in fast[:MAX_OFFENDERS].astype(int).tolist()
    )
    return Tally(len(fast), len(users.dictionary), offenders)


def _check_items(path: str) -> Iterator[Finding]:
    """Checks the texts of the catalogue, one row group at a time."""
    columns = [events.ITEM_ID, "title", "description"]
    with FileSystems.open(path) as file:
        for batch in pq.ParquetFile(file).iter_batches(columns=columns):
            ids, titles, descriptions = batch.columns
            text = pc.utf8_trim_whitespace(
                pc.binary_join_element_wise(titles, descriptions, " ")
            )
            # A catalogue without titles repeats the id there.
            is_bare = pc.or_(pc.equal(text, ""), pc.equal(text, ids))
            rows = np.flatnonzero(is_bare)
            names = [_name_item(ids[row]) for row in rows[:MAX_OFFENDERS]]
            yield (
                "items_without_text",
                Tally(len(rows), len(ids), tuple(names)),
            )
            for kind, tally in _check_texts(
                text, lambda row, ids=ids: _name_item(ids[row])
            ):
                yield _ITEM_CHECKS.get(kind, kind), tally


def _tally_events(table: pa.Table, rows: np.ndarray) -> Tally:
    names = [_name_event(table, row) for row in rows[:MAX_OFFENDERS].tolist()]
    return Tally(len(rows), table.num_rows, tuple(names))


def _name_event(table: pa.Table, row: int) -> str:
    parts = (
        f"{label} {_show(table[column][row])}"
        for label, column in _LABELS.items()
    )
    return ", ".join(parts)


def _name_item(item_id: pa.Scalar) -> str:
    return f"item {_show(item_id)}"


def _show(scalar: pa.Scalar) -> str:
    value = scalar.as_py()
    return value.decode() if isinstance(value, bytes) else str(value)
