"""Runs the executor on files a test writes, and reads what comes out."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as arrow_parquet
import pytest
import tensorflow as tf

from tests.example_gen_runs import run_example_gen

_ITEMS = "item_id,title\na,Alpha\nb,Beta\nc,Gamma\nd,Delta\n"
_EVENTS = {
    "columns": {
        "user_id": "user",
        "item_id": "item",
        "timestamp": "time",
    },
    "default_event_type": "view",
}


@dataclasses.dataclass(frozen=True)
class Ingested:
    """What one run published."""

    examples: dict[str, list[dict[str, list]]]  # by split
    catalog: dict[str, list]  # by column
    rejects: list[dict]
    counts: dict  # without the sentences on faults ...
    faults: dict[str, dict[str, str]]  # ... by table and reason
    artifacts: dict

    def targets(self, split: str) -> list[tuple]:
        """Returns (user, item, time) of every target of a split."""
        found = []
        for one in self.examples[split]:
            items = [*one["item_id"], *one["label_item_id"]]
            times = [*one["timestamp"], *one["label_timestamp"]]
            for place in range(one["num_context"][0], len(items)):
                found.append((one["user_id"][0], items[place], times[place]))
        return sorted(found)


@pytest.fixture
def ingest(tmp_path: Path) -> Callable[..., Ingested]:
    """Returns a function that runs BehaviorExampleGen on given files.

    Its arguments: `events` text or bytes of events.csv (or None: the caller
    wrote the file), `items` likewise, `events_config` and `items_config`
    merged over small defaults, `dataset` and `splits` settings.
    """

    def run(
        events: str | bytes | None,
        items: str | bytes | None = _ITEMS,
        events_config: dict | None = None,
        items_config: dict | None = None,
        splits: dict | None = None,
        span: int | None = None,
        **dataset,
    ) -> Ingested:
        _write(tmp_path / "events.csv", events)
        _write(tmp_path / "items.csv", items)
        dataset["events"] = (
            {"path": str(tmp_path / "events.csv")}
            | _EVENTS
            | (events_config or {})
        )
        dataset["items"] = {
            "path": str(tmp_path / "items.csv"),
            "columns": {"item_id": "item_id", "title": "title"},
        } | (items_config or {})
        config = {"dataset": dataset}
        config["splits"] = splits or {"method": "leave_last"}
        return _run(config, span, tmp_path / "out")

    return run


def _write(path: Path, content: str | bytes | None) -> None:
    if isinstance(content, str):
        content = content.encode()
    if content is not None:
        path.write_bytes(content)


def _run(config: dict, span: int | None, base: Path) -> Ingested:
    base = base / str(len(list(base.glob("*"))))
    properties = {} if span is None else {"span": span}
    artifacts = run_example_gen(base, json.dumps(config), **properties)
    rejects = (base / "rejects" / "rejects.jsonl").read_text()
    counts = json.loads((base / "rejects" / "counts.json").read_text())
    return Ingested(
        examples={
            split: _read_examples(base / "examples" / f"Split-{split}")
            for split in ("train", "eval", "test")
        },
        catalog=arrow_parquet.read_table(
            base / "catalog" / "catalog.parquet"
        ).to_pydict(),
        rejects=[json.loads(line) for line in rejects.splitlines()],
        faults={name: one.pop("faults", {}) for name, one in counts.items()},
        counts=counts,
        artifacts=artifacts,
    )


def _read_examples(folder: Path) -> list[dict[str, list]]:
    files = sorted(str(path) for path in folder.glob("*.gz"))
    examples = []
    for record in tf.data.TFRecordDataset(files, "GZIP"):
        features = tf.train.Example.FromString(record.numpy()).features
        examples.append(
            {
                name: _values(feature)
                for name, feature in sorted(features.feature.items())
            }
        )
    return sorted(examples, key=lambda one: sorted(map(str, one.items())))


def _values(feature: tf.train.Feature) -> list:
    kind = feature.WhichOneof("kind")
    if kind is None:
        return []
    values = getattr(feature, kind).value
    if kind == "bytes_list":
        return [value.decode() for value in values]
    return list(values)
