"""Our side of the quality benchmark: the pipeline run, its model asked."""

import csv
import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
from benchmarks.interactions import Interactions
from benchmarks.ranking_protocol import K
from benchmarks.ranking_protocol import Queries

_CONFIG = Path("configs/movielens-small-leave-last.yaml")
_ID_WIDTH = 6  # padded ids sort as text like they sort as numbers
_BATCH = 64


def export_dataset(folder: Path) -> None:
    """Writes ratings.csv and movies.csv with item ids padded to one width.

    Item ids break ties in time, and the protocol breaks them by number.
    """
    from pipeline import demo_data

    demo_data.export_movielens_small(str(folder))
    for name in (demo_data.RATINGS_FILE, demo_data.MOVIES_FILE):
        with (folder / name).open(newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames)
            writer.writeheader()
            for row in rows:
                padded = row["item_id"].zfill(_ID_WIDTH)
                writer.writerow(row | {"item_id": padded})


def compute_slates(
    root: Path, queries: Queries, data: Interactions
) -> tuple[np.ndarray, float]:
    """Runs the pipeline on the data and asks the model it trained.

    Args:
        root: an empty folder; gets the data and the run.
        queries: what is asked.
        data: names the users and items of the queries.

    Returns:
        int64 `[Q, 10]`, -1 = nothing; and the seconds TowerTrainer took.

    Raises:
        ValueError: the pipeline's test split is not that of the queries.
    """
    from pipeline.config import load_config
    from pipeline.run_folder import RunFolder
    from pipeline.run_history import RunHistory
    from pipeline.run_pipeline import run_pipeline

    export_dataset(root)
    config = load_config(_CONFIG)
    tables = {
        name: dataclasses.replace(
            getattr(config.dataset, name),
            path=str(root / Path(getattr(config.dataset, name).path).name),
        )
        for name in ("events", "items")
    }
    config = dataclasses.replace(
        config, dataset=dataclasses.replace(config.dataset, **tables)
    )
    folder = RunFolder(root / "run")
    run_pipeline(config, folder, logging.info)
    history = RunHistory(folder.metadata_path)
    nodes = {node.node_id: node for node in history.load_runs()[-1].nodes}
    model = history.find_latest_output("Model")
    examples = history.find_latest_output("Examples", "examples")
    test_split = examples.path / "Split-test"
    asked = find_queries(test_split, queries, data)
    slates = _ask_model(model.path / "Format-Serving", test_split)
    items = {
        item.zfill(_ID_WIDTH): row for row, item in enumerate(data.item_ids)
    }
    rows = np.full((len(queries.targets), K), -1, np.int64)
    for query, slate in zip(asked, slates, strict=True):
        found = [items.get(item, -1) for item in slate]
        rows[query, : len(found)] = found
    # An item that training never saw counts as a miss, for us as for peers.
    is_miss = (rows < 0) | ~queries.is_candidate[rows]
    return np.where(is_miss, -1, rows), nodes["TowerTrainer"].seconds


def find_queries(
    test_split: Path, queries: Queries, data: Interactions
) -> np.ndarray:
    """Finds the query that each example of the test split asks.

    Args:
        test_split: folder of the examples.
        queries: what is to be asked.
        data: names the users and items of the queries.

    Returns:
        int64, a row of `queries` for each example, in file order.

    Raises:
        ValueError: the examples are not the queries, each once.
    """
    labels = [
        (user, item.lstrip("0")) for user, item in _read_labels(test_split)
    ]
    wanted = {
        (data.user_ids[user], data.item_ids[item]): row
        for row, (user, item) in enumerate(
            zip(queries.users, queries.targets, strict=True)
        )
    }
    if sorted(labels) != sorted(wanted):
        raise ValueError(
            "The pipeline must hold out the events that the protocol asks"
            f" about. Received: {len(labels)} queries for {len(wanted)},"
            f" {len(set(labels) & set(wanted))} of them the same."
        )
    return np.array([wanted[label] for label in labels])


def _read_labels(test_split: Path) -> list[tuple[str, str]]:
    """Reads (user, label item) in the order of `read_windows`."""
    import tensorflow as tf

    from schemas import events

    labels = []
    for file in sorted(test_split.glob("*.gz")):
        for record in tf.data.TFRecordDataset(str(file), "GZIP"):
            features = tf.train.Example.FromString(record.numpy()).features
            user, item = (
                features.feature[name].bytes_list.value[0].decode()
                for name in (events.USER_ID, events.LABEL_ITEM_ID)
            )
            labels.append((user, item))
    return labels


def _ask_model(model_path: Path, test_split: Path) -> list[list[str]]:
    """Asks for the slate of every example, in file order."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

    from components.serving_validator.recorded_windows import read_windows
    from schemas import signatures

    windows = read_windows(test_split, len(_read_labels(test_split)))
    model = tf.saved_model.load(str(model_path))
    function = model.signatures[signatures.RECOMMEND]
    slates = []
    for first in range(0, len(windows), _BATCH):
        inputs = _build_inputs(windows[first : first + _BATCH])
        answer = function(**inputs)["item_id"].numpy()
        slates += [[item.decode() for item in slate] for slate in answer]
    return slates


def _build_inputs(windows: Sequence) -> dict:
    import tensorflow as tf

    from serving.query import Constraints
    from serving.query_tensors import build_constraint_inputs
    from serving.query_tensors import build_query_inputs

    # Peers are not told when the next event happens, so we do not say it.
    asked = [dataclasses.replace(w.query, query_time=0) for w in windows]
    met = [Constraints(excluded_item_ids=w.older_item_ids) for w in windows]
    inputs = build_query_inputs(asked) | build_constraint_inputs(met)
    inputs["k"] = np.full(len(windows), K, np.int32)
    return {name: tf.constant(value) for name, value in inputs.items()}
