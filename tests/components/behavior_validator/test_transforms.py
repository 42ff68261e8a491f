"""Pace and repetition across batches and groups of users."""

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.transforms import CountBehaviorFaults

OPTIONS = PipelineOptions(["--runner=FnApiRunner"])
START = 1_500_000_000


def _batch(labels):
    """One example a `(user, time)` pair, with an empty window."""
    empty = pa.array([[]] * len(labels), pa.list_(pa.null()))
    users, times = zip(*labels, strict=True)
    return pa.RecordBatch.from_pydict(
        {
            "user_id": [[user] for user in users],
            "item_id": empty,
            "timestamp": empty,
            "label_item_id": [[b"i"]] * len(labels),
            "label_event_type": [[b"view"]] * len(labels),
            "label_timestamp": [[time] for time in times],
            "num_context": [[0]] * len(labels),
        }
    )


def _keep(path, check, tally):
    (path / check).write_text(f"{tally.count} {tally.population}")


@pytest.fixture
def count(tmp_path):
    catalog_path = tmp_path / "catalog.parquet"
    table = pa.table({"item_id": ["i"], "title": ["T"], "description": [""]})
    pq.write_table(table, catalog_path)

    def run(splits, **settings):
        with beam.Pipeline(options=OPTIONS) as pipeline:
            batches = {
                name: pipeline | f"Create[{name}]" >> beam.Create(values)
                for name, values in splits.items()
            }
            _ = (
                batches
                | CountBehaviorFaults(
                    BehaviorValidatorConfig(**settings),
                    now=START + 10**7,
                    catalog_path=str(catalog_path),
                )
                | beam.MapTuple(
                    lambda check, tally: _keep(tmp_path, check, tally)
                )
            )
        return lambda check: (tmp_path / check).read_text()

    return run


def test_pace_is_seen_across_batches(count):
    # Four events within 59 s, the bound is three; the other user takes 60 s.
    fast = [(b"fast", START + second) for second in (0, 20, 40, 59)]
    slow = [(b"slow", START + second) for second in (0, 20, 40, 60)]
    result = count(
        {"train": [_batch(fast[::2] + slow[::2]), _batch(fast[1::2])]}
        | {"test": [_batch(slow[1::2])]},
        max_events_per_minute=3,
    )
    assert result("inhuman_users") == "1 2"


def test_pace_of_a_day_counts_too(count):
    events = [(b"u", START + 3600 * hour) for hour in range(4)]
    result = count({"train": [_batch(events)]}, max_events_per_day=3)
    assert result("inhuman_users") == "1 1"
    result = count({"train": [_batch(events)]}, max_events_per_day=4)
    assert result("inhuman_users") == "0 1"


def test_repetition_is_seen_across_batches(count):
    once = _batch([(b"u", START)])
    result = count({"train": [once, once], "eval": [once]})
    assert result("duplicate_events") == "1 3"
    assert result("events_in_two_splits") == "1 1"
