"""Writes what an ingest leaves beside its examples."""

import json
import logging
from collections.abc import Iterable

import pyarrow.parquet as arrow_parquet
from apache_beam.io.filesystems import FileSystems

from components.behavior_example_gen import partitions
from components.behavior_example_gen import rejects
from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.rejects import Tally
from components.behavior_example_gen.summaries import PartitionSummary
from schemas.artifact_files import CATALOG_FILE
from schemas.event_facts import EVENT_FACTS_FILE
from schemas.event_facts import dump_event_facts
from schemas.rating_scale import dump_rating_scale
from schemas.rating_scale import find_rating_scale

REJECTS_FILE = "rejects.jsonl"
COUNTS_FILE = "counts.json"
EXCESS_FILE = "excess.txt"  # the error, where the share was too large


def write_catalog(
    element: tuple[int, bytes],
    uri: str,
    positive_value: float | None,
    summary: PartitionSummary | None,
) -> None:
    """Writes the items; whoever shows them reads there what a like is."""
    table = partitions.from_bytes([element[1]])
    if summary and summary.ratings:
        scale = find_rating_scale(*summary.ratings, positive_value)
        table = table.replace_schema_metadata(dump_rating_scale(scale))
    path = FileSystems.join(uri, CATALOG_FILE)
    with FileSystems.create(path) as stream:
        arrow_parquet.write_table(table, stream)


def write_facts(
    summary: PartitionSummary, uri: str, dataset: DatasetConfig
) -> None:
    """Writes what is known of all events."""
    path = FileSystems.join(uri, EVENT_FACTS_FILE)
    with FileSystems.create(path) as stream:
        stream.write(dump_event_facts(summary.to_facts(dataset)).encode())


def write_rejects(element: tuple[int, Iterable[str]], uri: str) -> None:
    """Writes the rows that were rejected."""
    _, texts = element
    path = FileSystems.join(uri, REJECTS_FILE)
    with FileSystems.create(path) as stream:
        for text in texts:
            stream.write(f"{text}\n".encode())


def write_excess(
    tallies: dict[tuple[str, str], Tally], uri: str, max_share: float
) -> str | None:
    """Returns, and writes, the error where too many rows were rejected."""
    excess = rejects.find_excess(tallies, max_share)
    if excess:
        path = FileSystems.join(uri, EXCESS_FILE)
        with FileSystems.create(path) as stream:
            stream.write(excess.encode())
    return excess


def write_counts(
    tallies: dict[tuple[str, str], Tally],
    uri: str,
    summary: PartitionSummary | None,
) -> None:
    """Writes how many rows were read, used and rejected, and why.

    Args:
        tallies: {(table, reason): tally} of all rows.
        uri: the folder.
        summary: of the events that were used; None = there are none.
    """
    if summary and summary.num_repeats:
        repeats = Tally(summary.num_repeats)
        tallies = tallies | {("events", rejects.REPEATS): repeats}
    counts = rejects.count_rows(tallies)
    for table, entry in counts.items():
        if faults := rejects.describe_faults(tallies, table):
            entry["faults"] = faults
    logging.info("Rows read: %s", counts)
    with FileSystems.create(FileSystems.join(uri, COUNTS_FILE)) as stream:
        stream.write(json.dumps(counts, indent=2).encode())
