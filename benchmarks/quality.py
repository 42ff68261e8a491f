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

from benchmarks.interactions import Interactions
from benchmarks.interactions import load_movielens_small
from benchmarks.peers import Ease
from benchmarks.peers import ItemKnn
from benchmarks.peers import Popularity
from benchmarks.peers import RecentPopularity
from benchmarks.ranking_protocol import Queries
from benchmarks.ranking_protocol import RankingReport
from benchmarks.ranking_protocol import evaluate
from benchmarks.ranking_protocol import recommend
from benchmarks.ranking_protocol import split_leave_last
from benchmarks.ranking_protocol import tune
from benchmarks.trained_pipeline import compute_slates

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
    train_seconds: float  # ours: TowerTrainer; peers: settings search included


def run_tastemaker(root: Path, queries: Queries, data: Interactions) -> Result:
    """Runs the pipeline in an empty folder and asks its model."""
    slates, seconds = compute_slates(root, queries, data)
    return Result(evaluate(slates, queries), seconds)


def run_peer(name: str, train: Interactions, queries: Queries) -> Result:
    """Tunes, fits and asks one peer."""
    begin = time.perf_counter()
    build_peers, half_lives = _PEERS[name]
    peer, half_life = tune(build_peers(), train, half_lives)
    seconds = time.perf_counter() - begin
    slates = recommend(peer, queries, half_life)
    logging.info("%s: %s, half-life %s", name, peer, half_life)
    return Result(evaluate(slates, queries), seconds)


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
