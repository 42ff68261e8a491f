"""Speed of BehaviorExampleGen, and how time grows with the input.

    python -m benchmarks.ingest [--json] [--skip-scale]

First BehaviorExampleGen and TFX's CsvExampleGen read the same 100,004
ratings (MovieLens latest-small), each warmed up on a small file. Then
BehaviorExampleGen alone reads 1 M and 10 M made-up events, each in its own
process; peak memory is the kernel's count (ru_maxrss).
"""

import argparse
import json
import logging
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

_BEAM_ARGS = ["--runner=FnApiRunner", "--sdk_container_image=unused"]
_NUM_ITEMS = 100_000
_EVENTS_PER_USER = 50  # on average
_GENERATED_ROWS = 1_000_000  # written at once
_FIVE_YEARS = 5 * 365 * 86_400  # seconds
_MILLION = 1_000_000


def generate_events(folder: Path, num_events: int, seed: int = 0) -> None:
    """Writes events.csv and items.csv with a realistic skew.

    Items are drawn by Zipf's law (exponent 1), the activity of users is
    log-normal (sigma 1.2): a few users do thousands of things, many only one.
    """
    rng = np.random.default_rng(seed)
    num_users = num_events // _EVENTS_PER_USER
    activity = np.cumsum(rng.lognormal(sigma=1.2, size=num_users))
    popularity = np.cumsum(1 / np.arange(1, _NUM_ITEMS + 1))
    kinds = pa.array(["view", "click", "cart", "purchase"])
    schema = pa.schema(
        {
            "user_id": pa.string(),
            "item_id": pa.string(),
            "timestamp": pa.int64(),
            "event_type": pa.string(),
        }
    )
    options = arrow_csv.WriteOptions(quoting_style="none")
    path = folder / "events.csv"
    with arrow_csv.CSVWriter(path, schema, write_options=options) as writer:
        for begin in range(0, num_events, _GENERATED_ROWS):
            count = min(_GENERATED_ROWS, num_events - begin)
            draws = rng.random((2, count))
            users = np.searchsorted(activity, draws[0] * activity[-1])
            items = np.searchsorted(popularity, draws[1] * popularity[-1])
            times = 1_600_000_000 + rng.integers(0, _FIVE_YEARS, count)
            kind = rng.choice(4, count, p=[0.7, 0.2, 0.07, 0.03])
            columns = [
                pa.array(users).cast(pa.string()),
                pa.array(items).cast(pa.string()),
                pa.array(times),
                kinds.take(pa.array(kind)),
            ]
            writer.write_table(pa.table(columns, schema=schema))
    ids = pa.array(np.arange(_NUM_ITEMS)).cast(pa.string())
    items = pa.table({"item_id": ids, "title": ids})
    arrow_csv.write_csv(items, folder / "items.csv")


def run_behavior_example_gen(dataset: dict, folder: Path) -> float:
    """Runs the executor into a folder; returns its wall time in seconds."""
    from tfx.dsl.components.base import base_beam_executor
    from tfx.types import standard_artifacts

    from components.behavior_example_gen import component
    from schemas import artifact_types

    outputs = {
        "examples": [standard_artifacts.Examples()],
        "catalog": [artifact_types.Catalog()],
        "rejects": [artifact_types.Rejects()],
    }
    for name, artifacts in outputs.items():
        artifacts[0].uri = str(folder / name)
        (folder / name).mkdir(parents=True)
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=list(_BEAM_ARGS)
    )
    properties = {"config": json.dumps({"dataset": dataset})}
    start = time.perf_counter()
    component.Executor(context).Do({}, outputs, properties)
    return time.perf_counter() - start


def run_csv_example_gen(folder: Path, output: Path) -> float:
    """Runs TFX's executor on the CSV files of a folder; returns seconds."""
    from tfx.components.example_gen import utils
    from tfx.components.example_gen.csv_example_gen import executor
    from tfx.dsl.components.base import base_beam_executor
    from tfx.proto import example_gen_pb2
    from tfx.types import standard_artifacts
    from tfx.utils import proto_utils

    examples = standard_artifacts.Examples()
    examples.uri = str(output)
    config = utils.make_default_input_config()
    splits = utils.make_default_output_config(config)
    properties = {
        "input_base": str(folder),
        "input_config": proto_utils.proto_to_json(config),
        "output_config": proto_utils.proto_to_json(splits),
        "output_data_format": example_gen_pb2.FORMAT_TF_EXAMPLE,
    }
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=list(_BEAM_ARGS)
    )
    start = time.perf_counter()
    executor.Executor(context).Do({}, {"examples": [examples]}, properties)
    return time.perf_counter() - start


def compare(folder: Path) -> dict[str, float]:
    """Measures both components on MovieLens latest-small."""
    import schemas  # noqa: F401  fixes the Keras of this process
    from pipeline.commands import demo_data

    demo_data.export_movielens_small(str(folder / "full"))
    seconds = {}
    for size in ("small", "full"):
        ratings = folder / f"ratings_{size}"
        ratings.mkdir(parents=True)
        text = (folder / "full" / demo_data.RATINGS_FILE).read_text()
        lines = text.splitlines(keepends=True)
        kept = lines if size == "full" else lines[:101]
        (ratings / "ratings.csv").write_text("".join(kept))
        dataset = {
            "events": {
                "path": str(ratings / "ratings.csv"),
                "columns": {
                    "user_id": "user_id",
                    "item_id": "item_id",
                    "timestamp": "timestamp",
                    "value": "rating",
                },
                "default_event_type": "rate",
                "positive_value": 4.0,
            },
            "items": {
                "path": str(folder / "full" / demo_data.MOVIES_FILE),
                "columns": {
                    "item_id": "item_id",
                    "title": "title",
                    "categories": "genres",
                },
            },
        }
        output = folder / f"out_{size}"
        seconds["tastemaker"] = run_behavior_example_gen(
            dataset, output / "ours"
        )
        seconds["csv_example_gen"] = run_csv_example_gen(
            ratings, output / "theirs"
        )
    return seconds


def measure_scale(num_events: int) -> dict[str, float]:
    """Reads generated events in its own process.

    Returns:
        `seconds` of the run without imports, `peak_gb` of the process.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _in_child(generate_events, folder, num_events)
        return _in_child(_read_generated, folder)


def _read_generated(folder: Path) -> dict[str, float]:
    import schemas  # noqa: F401  fixes the Keras of this process

    dataset = {
        "events": {
            "path": str(folder / "events.csv"),
            "columns": {
                "user_id": "user_id",
                "item_id": "item_id",
                "timestamp": "timestamp",
                "event_type": "event_type",
            },
        },
        "items": {
            "path": str(folder / "items.csv"),
            "columns": {"item_id": "item_id", "title": "title"},
        },
    }
    seconds = run_behavior_example_gen(dataset, folder / "out")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB, on Linux
    return {"seconds": seconds, "peak_gb": peak * 1024 / 1e9}


def _in_child(function, *args):
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(function, args)


def main() -> None:
    """Prints a table and, with --json, one JSON object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--skip-scale", action="store_true", help="no 1 M and 10 M events"
    )
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        seconds = compare(Path(name))
    speedup = seconds["csv_example_gen"] / seconds["tastemaker"]
    results = {"speedup_over_csv_example_gen": round(speedup, 2)}
    print("\n100,004 ratings, one CSV file        seconds")
    for label, number in (
        ("CsvExampleGen (TFX)", seconds["csv_example_gen"]),
        ("BehaviorExampleGen", seconds["tastemaker"]),
        ("speedup, times", speedup),
    ):
        print(f"  {label:30} {number:11.1f}")
    if not args.skip_scale:
        results |= _print_scale()
    if args.json:
        print(json.dumps(results))


def _print_scale() -> dict[str, float]:
    print("\nmade-up events      seconds    us/event    peak GB", flush=True)
    per_event = []
    for num_events in (_MILLION, 10 * _MILLION):
        measured = measure_scale(num_events)
        per_event.append(measured["seconds"] / num_events)
        print(
            f"  {num_events:>12,}  {measured['seconds']:9.1f}"
            f"  {per_event[-1] * 1e6:10.2f}  {measured['peak_gb']:9.2f}",
            flush=True,
        )
    ratio = per_event[1] / per_event[0]
    print(f"  time per event, 10 M over 1 M: {ratio:.2f}")
    return {
        "time_per_event_10m_over_1m": round(ratio, 3),
        "peak_memory_10m_gb": round(measured["peak_gb"], 2),
    }


if __name__ == "__main__":
    main()
