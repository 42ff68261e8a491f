"""The Beam pipeline from files to window examples, catalog and rejects."""

import concurrent.futures
from collections.abc import Iterator

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam import pvalue

from components.behavior_example_gen import cut_points
from components.behavior_example_gen import histories
from components.behavior_example_gen import outputs
from components.behavior_example_gen import partitions
from components.behavior_example_gen import rejects
from components.behavior_example_gen import summaries
from components.behavior_example_gen import windows
from components.behavior_example_gen.reading import read_tables
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.keep_one import KeepOne
from components.behavior_example_gen.split_config import ExampleGenConfig
from components.behavior_example_gen.split_config import SplitConfig
from components.window_examples import shards
from components.window_examples import writer
from schemas import events as names

_SUMMARY = "summary"
_MOMENTS = "moments"  # (seconds, counts)


class IngestBehavior(beam.PTransform):
    """Reads a dataset and writes examples, catalog and rejects.

    Input: InputFile.
    Output: one None when all is written. Nothing but the rejects is
        written where their share is too large.
    """

    def __init__(
        self,
        config: ExampleGenConfig,
        files: list[InputFile],
        uris: dict[str, str],
    ):
        """Takes the input files and the output folders.

        Args:
            config: with plain globs.
            files: all input files.
            uris: folder per output: examples, catalog, rejects.
        """
        super().__init__()
        self._config = config
        self._files = files
        self._uris = uris
        self._num_partitions = partitions.count_partitions(
            sum(one.size_in_bytes for one in files if one.table == "events")
        )

    def expand(self, files):
        dataset = self._config.dataset
        read = files | "ReadTables" >> read_tables.ReadTables(
            dataset, self._num_partitions
        )
        items = self._keep_one(read[read_tables.ITEMS], "items")
        branches = [read, items]
        users = None
        if dataset.users:
            users = self._keep_one(read[read_tables.USERS], "users")
            branches.append(users)
        tallies = (
            [branch[read_tables.TALLIES] for branch in branches]
            | "JoinTallies" >> beam.Flatten()
            | "AddTallies"
            >> beam.CombineGlobally(rejects.add_tallies).without_defaults()
        )
        _ = (
            [branch[read_tables.REJECTS] for branch in branches]
            | "JoinRejects" >> beam.Flatten()
            | "GroupRejects" >> beam.GroupByKey()
            | "WriteRejects"
            >> beam.Map(outputs.write_rejects, self._uris["rejects"])
        )
        return self._write_outputs(read, items.kept, users, tallies)

    def _keep_one(self, packed, table):
        name = table.capitalize()
        return (
            packed
            | f"Group{name}" >> beam.GroupByKey()
            | f"KeepOne{name}"
            >> beam.ParDo(
                KeepOne(self._config.dataset, table, self._files)
            ).with_outputs(
                read_tables.REJECTS, read_tables.TALLIES, main="kept"
            )
        )

    def _write_outputs(self, read, items, users, tallies):
        splits, dataset = self._config.splits, self._config.dataset
        excess = tallies | "WriteExcess" >> beam.Map(
            outputs.write_excess,
            self._uris["rejects"],
            dataset.max_reject_share,
        )
        tables = {"events": read[read_tables.EVENTS]}
        if users is not None:
            tables["users"] = users.kept
        distinct = (
            tables
            | "GroupByUser" >> beam.CoGroupByKey()
            | "DropRepeats"
            >> beam.ParDo(_DropRepeats(self._config)).with_outputs(
                _MOMENTS, main="events"
            )
        )
        sorted_partitions = distinct.events | "SortHistories" >> beam.ParDo(
            _SortHistories(self._config),
            cuts=self._find_cuts(distinct[_MOMENTS]),
            excess=_first_of(excess),
        ).with_outputs(_SUMMARY, main="histories")
        summary = (
            sorted_partitions[_SUMMARY]
            | "MergeSummaries"
            >> beam.CombineGlobally(
                summaries.MergeSummaries(splits.max_queries)
            ).without_defaults()
        )
        _ = items | "WriteCatalog" >> beam.Map(
            outputs.write_catalog,
            self._uris["catalog"],
            dataset.events.positive_value,
            _first_of(summary),
        )
        _ = summary | "WriteFacts" >> beam.Map(
            outputs.write_facts, self._uris["examples"], dataset
        )
        _ = tallies | "WriteCounts" >> beam.Map(
            outputs.write_counts, self._uris["rejects"], _first_of(summary)
        )
        return sorted_partitions.histories | "WriteWindows" >> beam.ParDo(
            _WriteWindows(splits, self._uris["examples"], self._num_partitions),
            _first_of(summary),
        )

    def _find_cuts(self, moments):
        splits = self._config.splits
        if splits.needs_cuts():
            cuts = (
                moments
                | "JoinMoments"
                >> beam.CombineGlobally(
                    cut_points.join_moments
                ).without_defaults()
                | "FindCuts" >> beam.Map(cut_points.find_cuts, splits.fractions)
            )
            return _first_of(cuts)
        return splits.cut_seconds()


def _first_of(single: beam.PCollection) -> pvalue.AsSingleton:
    return pvalue.AsSingleton(single, default_value=None)


class _DropRepeats(beam.DoFn):
    """Drops rows that tell an event again; counts moments of the others."""

    def __init__(self, config: ExampleGenConfig):
        self._drops = config.dataset.events.order == "time"
        self._counts_moments = config.splits.needs_cuts()

    def process(
        self, element
    ) -> Iterator[tuple[int, list[bytes], list[bytes], int]]:
        number, parts = element
        events, num_repeats = list(parts["events"]), 0
        table = partitions.from_bytes(events)
        if table is None:
            return
        if self._drops:
            is_repeat = histories.find_repeats(table)
            num_repeats = int(is_repeat.sum())
        if num_repeats:
            table = table.filter(pa.array(~is_repeat))
            events = [partitions.to_bytes(table)]
        yield number, events, list(parts.get("users", ())), num_repeats
        if self._counts_moments:
            seconds = table[names.TIMESTAMP].to_numpy()
            yield pvalue.TaggedOutput(
                _MOMENTS, cut_points.count_moments(seconds)
            )


class _SortHistories(beam.DoFn):
    """Sorts a partition, assigns splits, and summarises it."""

    def __init__(self, config: ExampleGenConfig):
        self._dataset = config.dataset
        self._splits = config.splits

    def process(
        self, element, cuts, excess
    ) -> Iterator[tuple[int, bytes, bytes]]:
        number, events, users, num_repeats = element
        if excess:
            return
        table = partitions.from_bytes(events)
        table = histories.sort_histories(
            table, self._dataset.ties, self._dataset.ties_seed
        )
        split = self._assign_splits(table, cuts)
        table = table.append_column(histories.SPLIT, pa.array(split))
        yield number, partitions.to_bytes(table), users[0] if users else b""
        summary = summaries.summarise(table, self._splits.max_queries)
        summary.num_repeats = num_repeats
        if self._dataset.users:
            summary.num_of_unknown_users = _count_unknown(table, users)
        yield pvalue.TaggedOutput(_SUMMARY, summary)

    def _assign_splits(self, table, cuts) -> np.ndarray:
        if self._splits.method == "temporal":
            seconds = table[names.TIMESTAMP].to_numpy()
            return histories.assign_temporal(seconds, cuts)
        if self._splits.method == "hold_out":
            return histories.assign_hold_out(
                table, self._splits.fractions, self._dataset.ties_seed
            )
        codes = table[histories.USER_CODE].to_numpy()
        return histories.assign_leave_last(histories.first_events(codes))


def _count_unknown(events: pa.Table, users: list[bytes]) -> int:
    """Counts the events of users whom the users table lacks."""
    table = partitions.from_bytes(users)
    if table is None:
        return events.num_rows
    known = table[names.USER_ID].combine_chunks()
    is_known = pc.is_in(events[names.USER_ID], value_set=known)
    return pc.sum(pc.invert(is_known)).as_py()


class _WriteWindows(beam.DoFn):
    """Writes one shard of each split per partition."""

    def __init__(self, splits: SplitConfig, uri: str, num_partitions: int):
        self._splits = splits
        self._uri = uri
        self._num_partitions = num_partitions

    def process(self, element, summary) -> Iterator[None]:
        number, packed, packed_users = element
        if not summary.num_events[histories.TRAIN]:
            return
        table = partitions.from_bytes([packed])
        users = partitions.from_bytes([packed_users] if packed_users else [])
        popularity = summaries.Popularity(summary)

        def write_split(split, plan):
            # Neighbouring windows share events, so windows are shuffled.
            rows = np.random.default_rng(number).permutation(len(plan.label))
            writer.write_records(
                self._uri,
                split,
                shards.shard_name(number, self._num_partitions),
                writer.encode_windows(
                    table, plan.take(rows), popularity.buckets, users
                ),
            )

        # Compression releases the interpreter lock: one thread a split.
        plans = self._plan(table, summary)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(write_split, names.SPLITS, plans))
        yield None

    def _plan(self, table, summary):
        codes = table[histories.USER_CODE].to_numpy()
        bounds = histories.first_events(codes)
        split = table[histories.SPLIT].to_numpy()
        yield windows.plan_train(bounds, split, self._splits.max_window)
        draws = histories.hash_queries(table)
        for number in (histories.EVAL, histories.TEST):
            last = summaries.last_draw(
                summary.draws[number - 1], summary.num_events[number]
            )
            drawn = (split == number) & (draws <= np.uint64(last))
            yield windows.plan_queries(
                bounds,
                np.flatnonzero(drawn),
                self._splits.max_window,
                self._splits.max_older,
            )
