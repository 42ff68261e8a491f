"""Whether slates hold what people like, compared with peers.

    python -m benchmarks.liking --dataset movielens-small \
        --protocol next_item [--seeds 3] [--peers ease_decay,signed_ease]

Splits and questions are those of `benchmarks.quality`; what is counted is how
people rated what they were shown, and what changes when one rating turns from
the best to the worst. Peers choose their settings by the liked targets of the
training part. With `--validation` the test part is taken away, to choose
settings (`--trainer`).
"""

import argparse
import dataclasses
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.liking.measures import Judge
from benchmarks.liking.policy_order import PolicyOrder
from benchmarks.liking.results import Result
from benchmarks.liking.results import average
from benchmarks.liking.results import format_rows
from benchmarks.liking.results import summarize
from benchmarks.liking.signed_ease import SignedEase
from benchmarks.liking.turned_ratings import TurnedRatings
from benchmarks.liking.turned_ratings import compute_fall
from benchmarks.liking.turned_ratings import compute_overlap
from benchmarks.liking.turned_ratings import turn_ratings
from benchmarks.quality.asked_model import Order
from benchmarks.quality.asked_model import TrainedModel
from benchmarks.quality.asked_model import ask_for_scores
from benchmarks.quality.asked_model import ask_for_slates
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_movies_1m
from benchmarks.quality.datasets import load_small
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.peer_settings import PEERS
from benchmarks.quality.peer_settings import PeerSettings
from benchmarks.quality.protocols import PROTOCOLS
from benchmarks.quality.protocols import set_up
from benchmarks.quality.protocols import take_test_part_away
from benchmarks.quality.queries import Queries
from benchmarks.quality.queries import hash_held_out
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.ranking_protocol import weigh_histories
from benchmarks.quality.results import OURS
from benchmarks.quality.trained_pipeline import CONFIGS
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import load_seed
from benchmarks.quality.trained_pipeline import train_model
from benchmarks.quality.tuning import Split
from benchmarks.quality.tuning import tune
from pipeline.config import load_config
from schemas.rating_scale import RatingScale
from schemas.rating_scale import find_rating_scale

POLICY = "default policy"
_PROTOCOLS = ("leave_last", "next_item")  # of one target a query
_PENALTIES = (0.0, 0.5, 1.0)
_L2 = (100.0, 200.0, 400.0)
_MOVIES_1M = Path(__file__).parents[2].parent / "shared/data/movies-1m"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contest:
    """What all recommenders are given.

    Attributes:
        experiment: the training data and the config.
        queries: what is asked.
        judge: of the answers.
        turned: the sessions of one rating.
        scale: of the ratings.
        split: divides the training part for tuning.
    """

    experiment: Experiment
    queries: Queries
    judge: Judge
    turned: TurnedRatings
    scale: RatingScale
    split: Split


def set_up_contest(dataset: Dataset, options: argparse.Namespace) -> Contest:
    """Divides a dataset as the options say."""
    experiment, queries = set_up(options.protocol, options.dataset, dataset)
    data = dataset.interactions
    scale = find_rating_scale(
        float(data.values.min()),
        float(data.values.max()),
        load_config(CONFIGS / experiment.config).dataset.events.positive_value,
    )
    return Contest(
        experiment=dataclasses.replace(experiment, trainer=options.trainer),
        queries=queries,
        judge=Judge(data, queries, scale),
        turned=turn_ratings(dataset, experiment.train, scale),
        scale=scale,
        split=PROTOCOLS[options.protocol].tuning_split,
    )


def run_tastemaker(
    root: Path, contest: Contest, num_seeds: int
) -> dict[str, Result]:
    """Runs the pipeline and its model, once for each seed.

    Returns:
        Figures of the model's own order, and of the one that a gateway's
        default policy makes of it.
    """
    first = load_seed(contest.experiment)
    orders = {OURS: None, POLICY: PolicyOrder()}
    results = {name: [] for name in orders}
    for seed in range(first, first + num_seeds):
        experiment = dataclasses.replace(contest.experiment, seed=seed)
        model = train_model(root, experiment)
        for name, order in orders.items():
            result = judge_model(model, contest, order)
            logging.info("seed %d, %s: %s", seed, name, result)
            results[name].append(result)
    return {name: average(seeds) for name, seeds in results.items()}


def judge_model(
    model: TrainedModel, contest: Contest, order: Order | None
) -> Result:
    """Asks a model; `order` is as of `ask_for_slates`."""
    dataset, turned = contest.experiment.dataset, contest.turned
    slates, either = (
        ask_for_slates(model, data, asked, order=order)
        for data, asked in (
            (dataset, contest.queries),
            (turned.dataset, turned.queries),
        )
    )
    scores = ask_for_scores(model, turned.dataset, turned.queries)
    return Result(
        report=contest.judge(slates),
        overlap_at_10=compute_overlap(either),
        fall=compute_fall(scores, turned),
    )


def run_peer(settings: PeerSettings, contest: Contest) -> Result:
    """Tunes by liked targets, fits and evaluates one peer."""
    whole, turned = contest.experiment.dataset.interactions, contest.turned

    def split(train: Interactions) -> tuple[Interactions, Queries]:
        rest, asked = contest.split(train)
        is_liked = Judge(train, asked, contest.scale).is_liked
        asked = asked.take(np.flatnonzero(is_liked))
        return rest, _point_into(asked, train, whole)

    peer, half_life = tune(
        settings.build(turned.dataset),
        contest.experiment.train,
        settings.half_lives,
        split,
    )
    slates = recommend(peer, contest.queries, half_life)
    either = recommend(peer, turned.queries, half_life)
    weights = weigh_histories(turned.queries, half_life)
    return Result(
        report=contest.judge(slates),
        overlap_at_10=compute_overlap(either),
        fall=compute_fall(peer.score(weights, turned.queries), turned),
        settings=f"{peer}, half-life {half_life}",
    )


def _point_into(
    queries: Queries, part: Interactions, whole: Interactions
) -> Queries:
    """Makes the rows of queries of a part those of the whole data."""
    keys = part.users * len(part.item_ids) + part.items
    known = whole.users * len(whole.item_ids) + whole.items
    order = np.argsort(known, kind="stable")
    at = order[np.searchsorted(known[order], keys)]
    return dataclasses.replace(queries, rows=at[queries.rows])


def list_peers(contest: Contest) -> dict[str, PeerSettings]:
    """Lists the peers by name."""
    values = contest.turned.dataset.interactions.values

    def build(_):
        return [
            SignedEase(values, contest.scale, penalty, l2)
            for penalty in _PENALTIES
            for l2 in _L2
        ]

    return {
        "ease_decay": PEERS["ease_decay"],
        "signed_ease": PeerSettings(
            build=build, half_lives=PEERS["ease_decay"].half_lives
        ),
        "sasrec": PEERS["sasrec"],
    }


_PEERS = ("ease_decay", "signed_ease", "sasrec")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--dataset", choices=["movielens-small", "movies-1m"], required=True
    )
    parser.add_argument("--protocol", choices=_PROTOCOLS, default="next_item")
    parser.add_argument(
        "--peers",
        default=",".join(_PEERS),
        help="comma-separated (default: %(default)s)",
    )
    parser.add_argument("--only-peers", action="store_true")
    parser.add_argument("--folder", type=Path, help="kept for the next call")
    parser.add_argument("--movies-1m", type=Path, default=_MOVIES_1M)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument(
        "--trainer",
        type=json.loads,
        default={},
        help="settings of the trainer as JSON, in place of the config's:"
        """ '{"objective": "touch"}'""",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds must be positive. Received: {options.seeds}.")
    if options.dataset not in PROTOCOLS[options.protocol].configs:
        parser.error(
            f"--protocol {options.protocol} must go with --dataset"
            f" {', '.join(PROTOCOLS[options.protocol].configs)}."
            f" Received: {options.dataset}."
        )
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := sorted(set(options.peers) - set(_PEERS)):
        parser.error(
            f"--peers must name some of {', '.join(_PEERS)}."
            f" Received: {', '.join(unknown)}."
        )
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        dataset = (
            load_movies_1m(options.movies_1m)
            if options.dataset == "movies-1m"
            else load_small()
        )
    except FileNotFoundError as error:
        sys.exit(str(error))
    if options.validation:
        dataset = take_test_part_away(options.protocol, dataset)
    contest = set_up_contest(dataset, options)
    results = {}
    if not options.only_peers:
        with tempfile.TemporaryDirectory() as temporary:
            root = (options.folder or Path(temporary)).resolve()
            results |= run_tastemaker(root, contest, options.seeds)
    peers = list_peers(contest)
    for name in options.peers:
        results[name] = run_peer(peers[name], contest)
        logging.info("%s: %s", name, results[name])
    held_out = hash_held_out(dataset.interactions, contest.queries)
    sys.stdout.write(
        f"{options.dataset}, {options.protocol},"
        f" {len(contest.queries)} queries,"
        f" {contest.judge.is_liked.mean():.1%} of the targets liked,"
        f" held out {held_out}\n"
    )
    for row in format_rows(results):
        sys.stdout.write(f"{row}\n")
    if options.json:
        figures = {
            options.dataset: {options.protocol: summarize(results)},
            "validation": options.validation,
            "trainer": options.trainer,
        }
        sys.stdout.write(json.dumps({"liking": figures}) + "\n")


if __name__ == "__main__":
    main()
