"""How well we recommend, beside peers, on one split in one run.

    python -m benchmarks.quality --dataset movielens-small \
        --protocol next_item [--peers ease_decay,popularity] [--json]

Runs the whole pipeline, asks the `recommend` signature of the SavedModel that
it trained for a slate for every query, and scores the peers on the same
queries (`benchmarks.quality.splits` tells the protocols). Peers choose their
settings within the training part, on each user's last training event, on cold
items or new users of the training part where the protocol is about these, and
then learn from all of it. The pipeline keeps a part of it to stop by.
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

from benchmarks.quality.asked_model import ask_for_slates
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_movies_1m
from benchmarks.quality.datasets import load_small
from benchmarks.quality.peer_settings import CONTENT_PEERS
from benchmarks.quality.peer_settings import PEERS
from benchmarks.quality.peer_settings import PeerSettings
from benchmarks.quality.protocols import PROTOCOLS
from benchmarks.quality.protocols import RankingProtocol
from benchmarks.quality.protocols import set_up
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import RankingReport
from benchmarks.quality.ranking_protocol import compute_standard_error
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.ranking_protocol import score_slates
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import train_model
from benchmarks.quality.tuning import tune

_OURS = "tastemaker"
_MOVIES_1M = Path(__file__).parents[3] / "shared/data/movies-1m"


@dataclasses.dataclass(frozen=True)
class Result:
    """Figures of one recommender."""

    report: RankingReport
    groups: dict[str, RankingReport]  # of the protocol's groups of queries
    ndcg: np.ndarray  # float64 [Q], NDCG@10 of each query
    train_seconds: float  # ours: TowerTrainer; peers: settings search included


def judge(slates: np.ndarray, queries: Queries, seconds: float) -> Result:
    """Evaluates all queries, and each group of them by itself."""
    groups = {}
    for group in dict.fromkeys(queries.groups[queries.groups != ""].tolist()):
        rows = np.flatnonzero(queries.groups == group)
        groups[group] = evaluate(slates[rows], queries.take(rows))
    ndcg = score_slates(slates, queries)["ndcg"]
    return Result(evaluate(slates, queries), groups, ndcg, seconds)


def compute_lead(
    ours: Result, peer: Result, queries: Queries
) -> tuple[float, float]:
    """Computes how far we are ahead in NDCG@10, query by query.

    What makes a query hard makes it hard for both: the standard error of the
    mean difference is smaller than those of the two means tell.

    Returns:
        The mean of our NDCG@10 less the peer's, and its standard error.
    """
    lead = ours.ndcg - peer.ndcg
    return float(lead.mean()), compute_standard_error(lead, queries.users)


def run_tastemaker(
    root: Path,
    experiment: Experiment,
    queries: Queries,
    protocol: RankingProtocol,
) -> Result:
    """Runs the pipeline and asks its model."""
    model = train_model(root, experiment)
    slates = ask_for_slates(
        model, experiment.dataset, queries, protocol.only_candidates
    )
    return judge(slates, queries, model.train_seconds)


def run_peer(
    settings: PeerSettings,
    experiment: Experiment,
    queries: Queries,
    protocol: RankingProtocol,
) -> Result:
    """Tunes, fits and asks one peer."""
    begin = time.perf_counter()
    peer, half_life = tune(
        settings.build(experiment.dataset),
        experiment.train,
        settings.half_lives,
        protocol.tuning_split,
    )
    seconds = time.perf_counter() - begin
    slates = recommend(peer, queries, half_life)
    logging.info("%s, half-life %s", peer, half_life)
    return judge(slates, queries, seconds)


def format_rows(results: dict[str, Result], queries: Queries) -> Iterator[str]:
    """Yields the lines of the table."""
    ours = results.get(_OURS)
    yield (
        f"{'':28}{'NDCG@10':>17}{'recall@10':>17}{'MRR@10':>17}"
        f"{'coverage@10':>13}{'train s':>9}"
        + (f"{'our lead, NDCG@10':>19}" if ours else "")
    )
    for name, result in results.items():
        row = f"{name:28}{_format(result.report)}{result.train_seconds:9.1f}"
        if ours and name != _OURS:
            lead, error = compute_lead(ours, result, queries)
            row += f"{lead:+11.4f} ±{error:.4f}"
        yield row
        for group, report in result.groups.items():
            yield f"  {group:26}{_format(report)}"


def summarize(results: dict[str, Result], queries: Queries) -> dict[str, dict]:
    """Returns the figures of each recommender as plain data."""
    summaries = {}
    for name, result in results.items():
        summaries[name] = dataclasses.asdict(result.report)
        if result.groups:
            summaries[name]["groups"] = {
                group: dataclasses.asdict(report)
                for group, report in result.groups.items()
            }
        if _OURS in results and name != _OURS:
            lead, error = compute_lead(results[_OURS], result, queries)
            summaries[name] |= {"our_lead": lead, "our_lead_se": error}
        summaries[name]["train_seconds"] = result.train_seconds
    return summaries


def _format(report: RankingReport) -> str:
    means = "".join(
        f"{getattr(report, f'{m}_at_10'):9.4f} ±"
        f"{getattr(report, f'{m}_at_10_se'):.4f}"
        for m in ("ndcg", "recall", "mrr")
    )
    return f"{means}{report.coverage_at_10:13.3f}"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--dataset", choices=["movielens-small", "movies-1m"], required=True
    )
    parser.add_argument(
        "--protocol", choices=list(PROTOCOLS), default="leave_last"
    )
    parser.add_argument(
        "--peers", help="comma-separated (default: all that the protocol has)"
    )
    parser.add_argument(
        "--only-peers", action="store_true", help="do not run the pipeline"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="where data and run are kept; what is there already and has not"
        " changed is not run again (default: a temporary folder)",
    )
    parser.add_argument(
        "--movies-1m",
        type=Path,
        default=_MOVIES_1M,
        help="folder of MovieLens 1M (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.dataset not in PROTOCOLS[options.protocol].configs:
        parser.error(
            f"--protocol {options.protocol} must go with --dataset"
            f" {', '.join(PROTOCOLS[options.protocol].configs)}."
            f" Received: {options.dataset}."
        )
    known = list(_list_peers(options.protocol))
    if options.peers is None:
        options.peers = known
    else:
        options.peers = [name for name in options.peers.split(",") if name]
    if unknown := set(options.peers) - set(known):
        parser.error(
            f"--peers must name some of {', '.join(known)}."
            f" Received: {', '.join(sorted(unknown))}."
        )
    return options


def _list_peers(protocol: str) -> dict[str, PeerSettings]:
    return CONTENT_PEERS if PROTOCOLS[protocol].by_content else PEERS


def _load(options: argparse.Namespace) -> Dataset:
    if options.dataset == "movies-1m":
        return load_movies_1m(options.movies_1m)
    return load_small()


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    protocol = PROTOCOLS[options.protocol]
    try:
        dataset = _load(options)
    except FileNotFoundError as error:
        sys.exit(str(error))
    experiment, queries = set_up(options.protocol, options.dataset, dataset)
    results = {}
    if not options.only_peers:
        with tempfile.TemporaryDirectory() as temporary:
            root = (options.folder or Path(temporary)).resolve()
            results[_OURS] = run_tastemaker(root, experiment, queries, protocol)
    for name in options.peers:
        settings = _list_peers(options.protocol)[name]
        if obstacle := settings.find_obstacle(dataset):
            logging.warning("%s skipped: %s", name, obstacle)
            continue
        results[name] = run_peer(settings, experiment, queries, protocol)
    sys.stdout.write(f"{options.dataset}, {options.protocol}, {len(queries)}\n")
    for row in format_rows(results, queries):
        sys.stdout.write(f"{row}\n")
    if options.json:
        summary = {"dataset": options.dataset, "protocol": options.protocol}
        models = {"models": summarize(results, queries)}
        sys.stdout.write(json.dumps(summary | models) + "\n")


if __name__ == "__main__":
    main()
