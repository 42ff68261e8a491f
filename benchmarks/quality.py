"""How well we recommend, beside peers, on one split in one run.

    python -m benchmarks.quality --dataset movielens-small [--json]

Runs the whole pipeline, asks the `recommend` signature of the SavedModel that
it trained for a slate for every user, and scores the peers on the same
queries. The pipeline learns from each user's events up to the last but two,
stops by the last but one, and is asked about the last; the peers choose their
settings by the last but one and then learn from it too.
"""

import argparse
import dataclasses
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
from benchmarks.interactions import Interactions
from benchmarks.interactions import load_movielens_small
from benchmarks.peers import Ease
from benchmarks.peers import ItemKnn
from benchmarks.peers import Popularity
from benchmarks.peers import RecentPopularity
from benchmarks.ranking_protocol import K
from benchmarks.ranking_protocol import Queries
from benchmarks.ranking_protocol import RankingReport
from benchmarks.ranking_protocol import evaluate
from benchmarks.ranking_protocol import recommend
from benchmarks.ranking_protocol import split_leave_last
from benchmarks.ranking_protocol import tune

_CONFIG = Path("configs/movielens-small-leave-last.yaml")
_ID_WIDTH = 6  # padded ids sort as text like they sort as numbers
_BATCH = 64
_HALF_LIVES = (2.0, 3.0, 5.0, 10.0, 20.0)
_L2 = (100.0, 200.0, 400.0)
_NEIGHBOURS = (50, 100, 200, 400)
_DAYS = (30, 90, 365, 1095)

# name: settings to choose from, and recency decays to choose from
_PEERS = {
    "popularity": (lambda: [Popularity()], (None,)),
    "recent_popularity": (
        lambda: [RecentPopularity(days) for days in _DAYS],
        (None,),
    ),
    "item_knn": (lambda: [ItemKnn(k) for k in _NEIGHBOURS], (None,)),
    "item_knn_decay": (lambda: [ItemKnn(k) for k in _NEIGHBOURS], _HALF_LIVES),
    "ease": (lambda: [Ease(l2) for l2 in _L2], (None,)),
    "ease_decay": (lambda: [Ease(l2) for l2 in _L2], _HALF_LIVES),
}


@dataclasses.dataclass(frozen=True)
class Result:
    """Figures of one recommender."""

    report: RankingReport
    train_seconds: float  # settings search included for the peers


def run_tastemaker(root: Path, queries: Queries, data: Interactions) -> Result:
    """Runs the pipeline on the data and asks the model it trained.

    Args:
        root: an empty folder; gets the data and the run.
        queries: what is asked.
        data: names the users and items of the queries.

    Returns:
        Our figures.

    Raises:
        ValueError: the pipeline's test split is not that of the queries.
    """
    from pipeline.config import load_config
    from pipeline.demo_data import export_movielens_small
    from pipeline.run_folder import RunFolder
    from pipeline.run_history import RunHistory
    from pipeline.run_pipeline import run_pipeline

    export_movielens_small(str(root), id_width=_ID_WIDTH)
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
    slates = _ask_model(
        model.path / "Format-Serving",
        examples.path / "Split-test",
        queries,
        data,
    )
    return Result(evaluate(slates, queries), nodes["TowerTrainer"].seconds)


def run_peer(name: str, train: Interactions, queries: Queries) -> Result:
    """Tunes, fits and asks one peer."""
    begin = time.perf_counter()
    build_peers, half_lives = _PEERS[name]
    peer, half_life = tune(build_peers(), train, half_lives)
    seconds = time.perf_counter() - begin
    slates = recommend(peer, queries, half_life)
    logging.info("%s: %s, half-life %s", name, peer, half_life)
    return Result(evaluate(slates, queries), seconds)


def _ask_model(
    model_path: Path, examples_path: Path, queries: Queries, data: Interactions
) -> np.ndarray:
    """Asks for the slate of every query; int64 `[Q, 10]`."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

    from components.serving_validator.recorded_windows import read_windows
    from schemas import signatures

    windows = read_windows(examples_path, len(queries.targets) + 1)
    users = {user: row for row, user in enumerate(data.user_ids[queries.users])}
    items = {
        item.zfill(_ID_WIDTH): row for row, item in enumerate(data.item_ids)
    }
    asked = np.array([users[window.user_id] for window in windows])
    targets = np.array([items[window.label_item_id] for window in windows])
    if (
        len(windows) != len(queries.targets)
        or (targets != queries.targets[asked]).any()
    ):
        raise ValueError(
            "The pipeline must hold out the events that the protocol asks"
            f" about. Received: {len(windows)} queries for"
            f" {len(queries.targets)}, or other labels."
        )
    model = tf.saved_model.load(str(model_path))
    function = model.signatures[signatures.RECOMMEND]
    slates = np.full((len(windows), K), -1, np.int64)
    for first in range(0, len(windows), _BATCH):
        batch = windows[first : first + _BATCH]
        answer = function(**_build_inputs(batch))["item_id"].numpy()
        rows = asked[first : first + _BATCH]
        for row, slate in zip(rows, answer, strict=True):
            found = [items.get(item.decode(), -1) for item in slate]
            slates[row, : len(found)] = found
    # An item that training never saw counts as a miss, for us as for peers.
    return np.where(queries.is_candidate[slates], slates, -1)


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


def _rows(results: dict[str, Result]) -> Iterator[str]:
    yield (
        f"{'':20}{'NDCG@10':>16}{'recall@10':>16}{'MRR@10':>16}"
        f"{'coverage@10':>13}{'train s':>9}"
    )
    for name, result in results.items():
        report = result.report
        means = "".join(
            f"{getattr(report, f'{m}_at_10'):9.4f} ±"
            f"{getattr(report, f'{m}_at_10_se'):.3f}"
            for m in ("ndcg", "recall", "mrr")
        )
        yield (
            f"{name:20}{means}{report.coverage_at_10:13.3f}"
            f"{result.train_seconds:9.1f}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", choices=["movielens-small"], required=True)
    parser.add_argument(
        "--protocol", choices=["leave_last"], default="leave_last"
    )
    parser.add_argument(
        "--peers",
        default=",".join(_PEERS),
        help="comma-separated (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    names = [name for name in options.peers.split(",") if name]
    if unknown := set(names) - set(_PEERS):
        parser.error(
            f"--peers must name some of {', '.join(_PEERS)}."
            f" Received: {', '.join(sorted(unknown))}."
        )
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    data = load_movielens_small(ties="number")
    train, queries = split_leave_last(data)
    with tempfile.TemporaryDirectory() as root:
        results = {"tastemaker": run_tastemaker(Path(root), queries, data)}
    for name in names:
        results[name] = run_peer(name, train, queries)
    num_queries = len(queries.targets)
    sys.stdout.write(f"{options.dataset}, {options.protocol}, {num_queries}\n")
    sys.stdout.writelines(f"{row}\n" for row in _rows(results))
    if options.json:
        models = {
            name: dataclasses.asdict(result.report)
            | {"train_seconds": result.train_seconds}
            for name, result in results.items()
        }
        summary = {"dataset": options.dataset, "protocol": options.protocol}
        sys.stdout.write(json.dumps(summary | {"models": models}) + "\n")


if __name__ == "__main__":
    main()
