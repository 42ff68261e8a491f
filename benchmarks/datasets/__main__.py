"""Runs the pipeline on any datasets, and peers on the same queries.

python -m benchmarks.datasets CONFIG.yaml [...] [--seeds 3] [--json]

A row a config: rows and rejects, seconds of the first run as far as the gate's
figures, NDCG@10 of our models on the test split, and that of the peers. Peers
learn from the train and eval splits and choose their settings on the last event
there of each user. Where the events say what was passed over (`negatives`), the
queries are those whose item was no such event, and it teaches no peer anything.
"""

import argparse
import dataclasses
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.datasets.recorded import Recorded
from benchmarks.datasets.recorded import read_recorded
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.peer_settings import CONTENT_PEERS
from benchmarks.quality.peer_settings import PEERS
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import select_top_items
from benchmarks.quality.ranking_protocol import weigh_histories
from benchmarks.quality.tuning import split_last_training_events
from benchmarks.quality.tuning import tune

if TYPE_CHECKING:
    from pipeline.config import PipelineConfig
    from pipeline.runs.run_folder import RunFolder

_PEERS = {
    name: (PEERS | CONTENT_PEERS)[name]
    for name in (
        *("popularity", "item_knn", "item_knn_decay", "ease", "ease_decay"),
        *("als", "tfidf_text"),
    )
}
_ROWS_AT_ONCE = 512


@dataclass(kw_only=True)
class DatasetResult:
    """Figures of one dataset.

    Attributes:
        rows: that were read, of events and items.
        rejects: that could not be used.
        seconds: of the first run, ingest to the gate's figures.
        num_queries: that the figures are means of.
        ours: NDCG@10, one a seed.
        peers: NDCG@10 by name.
    """

    rows: int
    rejects: int
    seconds: float
    num_queries: int
    ours: list[float]
    peers: dict[str, float]

    def summarise(self) -> dict[str, float | str]:
        """The figures by the names that programs read."""
        best = max(self.peers, key=self.peers.__getitem__, default="")
        return {
            "rows": self.rows,
            "rejects": self.rejects,
            "seconds": round(self.seconds, 1),
            "num_queries": self.num_queries,
            "ndcg_at_10": float(np.mean(self.ours)),
            "ndcg_at_10_se": _compute_error(self.ours),
            "best_peer": self.peers.get(best, 0.0),
            "best_peer_name": best,
        }


def run_dataset(
    path: Path, root: Path, num_seeds: int, peers: Sequence[str]
) -> DatasetResult:
    """Runs the pipeline once a seed, then the peers.

    Args:
        path: of the config.
        root: a folder for the run, or one of an earlier call.
        num_seeds: how many models.
        peers: names of `_PEERS`.
    """
    from pipeline.config import load_config
    from pipeline.runs.dataset_summary import read_counts
    from pipeline.runs.run_folder import RunFolder
    from pipeline.runs.run_history import RunHistory

    config = load_config(path)
    folder = RunFolder(root)
    only_liked = config.dataset.events.negatives is not None
    ours = []
    begin = time.perf_counter()
    seconds = 0.0
    for seed in range(config.trainer.seed, config.trainer.seed + num_seeds):
        ours.append(_run_ours(config, folder, seed, only_liked))
        seconds = seconds or time.perf_counter() - begin
        logging.info("%s, seed %d: %.4f", config.name, seed, ours[-1])
    history = RunHistory(folder.metadata_path)
    tables = read_counts(history.load_runs()[-1]) or {}
    recorded = read_recorded(
        history.find_latest_output("Examples", "examples").path,
        history.find_latest_output("schemas.Catalog").path,
        config.dataset.repeats,
        only_liked,
    )
    return DatasetResult(
        rows=sum(one["read"] for one in tables.values()),
        rejects=sum(sum(one["rejected"].values()) for one in tables.values()),
        seconds=seconds,
        num_queries=len(recorded.asked),
        ours=ours,
        peers={
            name: _run_peer(name, recorded)
            for name in peers
            if _can_run(name, recorded)
        },
    )


def _run_ours(
    config: "PipelineConfig", folder: "RunFolder", seed: int, only_liked: bool
) -> float:
    from pipeline.runs.figure_names import LIKING
    from pipeline.runs.figure_names import TOUCHING
    from pipeline.runs.figures import list_figures
    from pipeline.runs.run_history import RunHistory
    from pipeline.runs.run_pipeline import NodeRange
    from pipeline.runs.run_pipeline import run_pipeline

    trainer = dataclasses.replace(config.trainer, seed=seed)
    config = dataclasses.replace(config, trainer=trainer)
    nodes = NodeRange(last="Evaluator")
    run_pipeline(config, folder, logging.info, nodes=nodes)
    run = RunHistory(folder.metadata_path).load_runs()[-1]
    wanted = LIKING if only_liked else TOUCHING
    return next(
        float(figure.value)
        for figure in list_figures(run)
        if figure.metric == wanted and not figure.slice_name
    )


def _can_run(name: str, recorded: Recorded) -> bool:
    obstacle = _PEERS[name].find_obstacle(recorded.dataset)
    if obstacle:
        logging.warning("%s skipped: %s", name, obstacle)
    return not obstacle


def _run_peer(name: str, recorded: Recorded) -> float:
    """Tunes and fits a peer; returns its NDCG@10."""
    settings = _PEERS[name]
    train = recorded.dataset.interactions
    peer, half_life = tune(
        settings.build(recorded.dataset),
        train,
        settings.half_lives,
        lambda data: _split(data, recorded.met.repeats),
    )
    slates = [np.zeros((0, 10), np.int64)]
    for first in range(0, len(recorded.asked), _ROWS_AT_ONCE):
        rows = range(first, min(first + _ROWS_AT_ONCE, len(recorded.asked)))
        asked, met = recorded.asked.take(rows), recorded.met.take(rows)
        scores = peer.score(weigh_histories(asked, half_life), asked)
        slates.append(select_top_items(scores, met))
    found = evaluate(np.concatenate(slates), recorded.met)
    chosen = str(peer)[:100]
    logging.info("%s, %s: %.4f", chosen, half_life, found.ndcg_at_10)
    return found.ndcg_at_10


def _split(train: Interactions, repeats: bool) -> tuple[Interactions, Queries]:
    inner, queries = split_last_training_events(train)
    return inner, dataclasses.replace(queries, repeats=repeats)


def _compute_error(values: Sequence[float]) -> float:
    """Standard error over seeds; 0 of a single one."""
    if len(values) < 2:
        return 0.0
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", type=Path, nargs="+", metavar="CONFIG")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--peers",
        default=",".join(_PEERS),
        help="comma-separated; empty = none (default: %(default)s)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="where runs are kept; what is there already and has not changed is"
        " not run again (default: a temporary folder)",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds must be positive. Received: {options.seeds}.")
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := sorted(set(options.peers) - set(_PEERS)):
        parser.error(
            f"--peers must name some of {', '.join(_PEERS)}. Received:"
            f" {', '.join(unknown)}."
        )
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a row a dataset and, with `--json`, one JSON object after it."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    summaries = {}
    with tempfile.TemporaryDirectory() as temporary:
        root = (options.folder or Path(temporary)).resolve()
        for path in options.configs:
            result = run_dataset(
                path, root / path.stem, options.seeds, options.peers
            )
            summaries[path.stem] = result.summarise()
            told = ", ".join(
                f"{name} {value:.4f}" for name, value in result.peers.items()
            )
            sys.stdout.write(
                f"{path.stem}: {summaries[path.stem]}; peers: {told}\n"
            )
    if options.json:
        sys.stdout.write(json.dumps({"datasets": summaries}) + "\n")


if __name__ == "__main__":
    main()
