"""Quality of recommendations, compared with peers on one split in one run.

    python -m benchmarks.quality --dataset movielens-small \
        --protocol next_item [--seeds 3] [--peers ease_decay,popularity]

Runs the whole pipeline, calls the `recommend` signature of the trained
SavedModel for every query, and scores the peers on the same queries
(`benchmarks.quality.splits` describes the protocols). Peers choose their
settings within the training part, on each user's last training event, on cold
items or new users of the training part where the protocol is about these, and
then learn from all of it. The pipeline keeps a part of it for early stopping.

With `--validation` the test part is taken away and the rest is divided by the
same protocol once more: no setting that is chosen so (`--trainer`) has seen a
test query.
"""

import argparse
import dataclasses
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.asked_model import ask_for_slates
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_movies_1m
from benchmarks.quality.datasets import load_small
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.peer_settings import CONTENT_PEERS
from benchmarks.quality.peer_settings import PEERS
from benchmarks.quality.peer_settings import PeerSettings
from benchmarks.quality.protocols import PROTOCOLS
from benchmarks.quality.protocols import RankingProtocol
from benchmarks.quality.protocols import set_up
from benchmarks.quality.protocols import take_test_part_away
from benchmarks.quality.queries import Queries
from benchmarks.quality.queries import hash_held_out
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.results import OURS
from benchmarks.quality.results import Result
from benchmarks.quality.results import average
from benchmarks.quality.results import format_rows
from benchmarks.quality.results import judge
from benchmarks.quality.results import summarize
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import load_seed
from benchmarks.quality.trained_pipeline import load_trainer_settings
from benchmarks.quality.trained_pipeline import train_model
from benchmarks.quality.tuning import tune

_MOVIES_1M = Path(__file__).parents[2].parent / "shared/data/movies-1m"


def run_tastemaker(
    root: Path,
    experiment: Experiment,
    queries: Queries,
    protocol: RankingProtocol,
    num_seeds: int,
) -> Result:
    """Runs the pipeline and its model, once for each seed."""
    first = load_seed(experiment)
    results = []
    for seed in range(first, first + num_seeds):
        model = train_model(root, dataclasses.replace(experiment, seed=seed))
        slates = ask_for_slates(
            model, experiment.dataset, queries, protocol.only_candidates
        )
        results.append(judge(slates, queries, model.train_seconds))
        logging.info("seed %d: %s", seed, results[-1].report)
    return average(results, queries)


def run_peer(
    settings: PeerSettings,
    experiment: Experiment,
    queries: Queries,
    protocol: RankingProtocol,
) -> Result:
    """Tunes, fits and evaluates one peer."""
    begin = time.perf_counter()
    peer, half_life = tune(
        settings.build(experiment.dataset),
        experiment.train,
        settings.half_lives,
        lambda train: _repeat(protocol.tuning_split(train), queries.repeats),
    )
    seconds = time.perf_counter() - begin
    slates = recommend(peer, queries, half_life)
    # The texts that a peer reads are no setting.
    chosen = f"{str(peer)[:200]}, half-life {half_life}"
    result = judge(slates, queries, seconds, chosen)
    logging.info("%s: %s", chosen, result.report)
    return result


def _repeat(
    split: tuple[Interactions, Queries], repeats: bool
) -> tuple[Interactions, Queries]:
    train, queries = split
    return train, dataclasses.replace(queries, repeats=repeats)


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
    parser.add_argument(
        "--ties",
        choices=["hash", "item_id"],
        default="hash",
        help="what orders events of one user and second, for all alike:"
        " item_id is for comparison with older figures of movielens-small"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="how many models to train, each with a seed of its own",
    )
    parser.add_argument(
        "--validation",
        action="store_true",
        help="ask about the training part only, to choose settings",
    )
    parser.add_argument(
        "--trainer",
        type=json.loads,
        default={},
        help="settings of the trainer as JSON, nested as in the config, in"
        """ place of the config's: '{"towers": {"content_prior": 4}}'""",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    _check(parser, options)
    return options


def _check(
    parser: argparse.ArgumentParser, options: argparse.Namespace
) -> None:
    """Refuses what does not go together; names all peers where none is."""
    if options.seeds < 1:
        parser.error(f"--seeds must be positive. Received: {options.seeds}.")
    if options.dataset not in PROTOCOLS[options.protocol].configs:
        parser.error(
            f"--protocol {options.protocol} must go with --dataset"
            f" {', '.join(PROTOCOLS[options.protocol].configs)}."
            f" Received: {options.dataset}."
        )
    if options.dataset == "movies-1m" and options.ties != "hash":
        parser.error(
            "--ties must be hash for --dataset movies-1m, where no two events"
            f" of a user share their second. Received: {options.ties}."
        )
    try:
        load_trainer_settings(
            PROTOCOLS[options.protocol].configs[options.dataset],
            options.trainer,
        )
    except (TypeError, ValueError) as error:
        parser.error(
            "--trainer must be a JSON object of settings of the trainer."
            f" Received: {options.trainer!r}: {error}"
        )
    if options.trainer and options.only_peers:
        parser.error("--trainer must not go with --only-peers.")
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


def _list_peers(protocol: str) -> dict[str, PeerSettings]:
    return CONTENT_PEERS if PROTOCOLS[protocol].by_content else PEERS


def _load(options: argparse.Namespace) -> Dataset:
    if options.dataset == "movies-1m":
        return load_movies_1m(options.movies_1m)
    return load_small(options.ties)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    protocol = PROTOCOLS[options.protocol]
    try:
        dataset = _load(options)
    except FileNotFoundError as error:
        sys.exit(str(error))
    if options.validation:
        dataset = take_test_part_away(options.protocol, dataset)
    experiment, queries = set_up(options.protocol, options.dataset, dataset)
    experiment = dataclasses.replace(experiment, trainer=options.trainer)
    results = {}
    if not options.only_peers:
        with tempfile.TemporaryDirectory() as temporary:
            root = (options.folder or Path(temporary)).resolve()
            results[OURS] = run_tastemaker(
                root, experiment, queries, protocol, options.seeds
            )
    for name in options.peers:
        settings = _list_peers(options.protocol)[name]
        if obstacle := settings.find_obstacle(dataset):
            logging.warning("%s skipped: %s", name, obstacle)
            continue
        results[name] = run_peer(settings, experiment, queries, protocol)
    held_out = hash_held_out(dataset.interactions, queries)
    sys.stdout.write(
        f"{options.dataset}, {options.protocol}, {len(queries)}"
        f" {'validation ' if options.validation else ''}queries,"
        f" ties by {options.ties}, held out {held_out},"
        f" {queries.compute_met_share():.1%} of them met before\n"
    )
    for row in format_rows(results, queries):
        sys.stdout.write(f"{row}\n")
    if options.json:
        summary = {
            "dataset": options.dataset,
            "protocol": options.protocol,
            "ties": options.ties,
            "validation": options.validation,
            "trainer": options.trainer,
            "held_out": held_out,
        }
        models = {"models": summarize(results, queries)}
        sys.stdout.write(json.dumps(summary | models) + "\n")


if __name__ == "__main__":
    main()
