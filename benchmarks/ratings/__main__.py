"""Quality of predicted ratings, compared with peers, split by time.

    python -m benchmarks.ratings --dataset movielens-small [--json]

The first 90% of the ratings are the training part; each of the last 10% is
predicted from all earlier ratings of its user, without training again. We run
the whole pipeline and call the `rank` signature of the SavedModel for the
`rating` of each item. scikit-surprise's models stay as training left them: few
users of the last 10% are in the training part, and the others are predicted by
the item's bias. `moving_*` are the same models with users updated by later
ratings, and `running_bias` is the baseline for such models.
"""

import argparse
import dataclasses
import importlib.util
import itertools
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality.asked_model import ask_for_ratings
from benchmarks.quality.datasets import load_small
from benchmarks.quality.protocols import set_up
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import train_model
from benchmarks.ratings.peers import MovingFactors
from benchmarks.ratings.peers import MovingKnn
from benchmarks.ratings.peers import RunningBias
from benchmarks.ratings.peers import SurpriseModel
from benchmarks.ratings.rating_protocol import RatingPeer
from benchmarks.ratings.rating_protocol import RatingQueries
from benchmarks.ratings.rating_protocol import RatingReport
from benchmarks.ratings.rating_protocol import compute_rmse_ratio
from benchmarks.ratings.rating_protocol import evaluate_ratings
from benchmarks.ratings.rating_protocol import predict_all
from benchmarks.ratings.rating_protocol import split_ratings
from benchmarks.ratings.rating_protocol import square_errors
from benchmarks.ratings.rating_protocol import tune_ratings

_OURS = "tastemaker"
_PACKAGE = "surprise"


def _build_biases() -> Iterator[RatingPeer]:
    dampings = itertools.product((2.0, 5.0, 10.0), (2.0, 5.0, 10.0))
    return (RunningBias(*one) for one in dampings)


def _build_svds() -> Iterator[RatingPeer]:
    settings = itertools.product((20, 100), (0.02, 0.05, 0.1), (20, 40))
    return (SurpriseModel("svd", *one) for one in settings)


def _build_svdpps() -> Iterator[RatingPeer]:
    return (SurpriseModel("svdpp", 20, one) for one in (0.02, 0.05, 0.1))


def _build_knns() -> Iterator[RatingPeer]:
    settings = itertools.product((20, 40, 80), (False, True))
    return (
        SurpriseModel("knn_baseline", size, by_user=by_user)
        for size, by_user in settings
    )


def _build_moving_knns() -> Iterator[RatingPeer]:
    settings = itertools.product((20, 40, 80), (5.0, 15.0))
    return (MovingKnn(*one) for one in settings)


def _build_moving_svds() -> Iterator[RatingPeer]:
    settings = itertools.product((0.05, 0.1), (20,), (3.0, 10.0, 30.0))
    return (MovingFactors("svd", 50, *one) for one in settings)


def _build_moving_svdpps() -> Iterator[RatingPeer]:
    return (
        MovingFactors("svdpp", 20, 0.05, 20, ridge)
        for ridge in (3.0, 10.0, 30.0)
    )


# name: settings to choose from, and whether scikit-surprise learns them
_PEERS: dict[str, tuple[Callable[[], Iterator[RatingPeer]], bool]] = {
    "running_bias": (_build_biases, False),
    "svd": (_build_svds, True),
    "svdpp": (_build_svdpps, True),
    "knn_baseline": (_build_knns, True),
    "moving_svd": (_build_moving_svds, True),
    "moving_svdpp": (_build_moving_svdpps, True),
    "moving_knn_baseline": (_build_moving_knns, True),
}


@dataclasses.dataclass(frozen=True)
class Result:
    """Figures of one predictor."""

    report: RatingReport
    errors: np.ndarray  # float64 [Q], squared
    train_seconds: float  # ours: TowerTrainer; peers: settings search included


def run_tastemaker(
    root: Path, experiment: Experiment, asked: RatingQueries
) -> Result:
    """Runs the pipeline and its model."""
    model = train_model(root, experiment)
    predicted = ask_for_ratings(model, experiment.dataset, asked.queries)
    errors = square_errors(predicted, asked, experiment.train)
    return Result(evaluate_ratings(errors, asked), errors, model.train_seconds)


def run_peer(name: str, experiment: Experiment, asked: RatingQueries) -> Result:
    """Tunes, fits and evaluates one peer."""
    build, _ = _PEERS[name]
    begin = time.perf_counter()
    peer = tune_ratings(build(), experiment.train)
    seconds = time.perf_counter() - begin
    predicted = predict_all(peer, asked)
    logging.info("%s: %s", name, peer)
    errors = square_errors(predicted, asked, experiment.train)
    return Result(evaluate_ratings(errors, asked), errors, seconds)


def format_rows(
    results: dict[str, Result], asked: RatingQueries
) -> Iterator[str]:
    """Yields the lines of the table."""
    ours = results.get(_OURS)
    yield (
        f"{'':28}{'RMSE':>17}{'warm users':>17}{'train s':>9}"
        + (f"{'our RMSE / it':>19}" if ours else "")
    )
    for name, result in results.items():
        report = result.report
        row = (
            f"{name:28}{report.rmse:9.4f} ±{report.rmse_se:.4f}"
            f"{report.rmse_warm_users:9.4f} ±{report.rmse_warm_users_se:.4f}"
            f"{result.train_seconds:9.1f}"
        )
        if ours and name != _OURS:
            ratio, error = compute_rmse_ratio(ours.errors, result.errors, asked)
            row += f"{ratio:11.4f} ±{error:.4f}"
        yield row


def summarize(
    results: dict[str, Result], asked: RatingQueries
) -> dict[str, dict]:
    """Returns the figures of each predictor as plain data."""
    summaries = {}
    for name, result in results.items():
        summaries[name] = dataclasses.asdict(result.report)
        if _OURS in results and name != _OURS:
            ratio, error = compute_rmse_ratio(
                results[_OURS].errors, result.errors, asked
            )
            summaries[name] |= {"our_ratio": ratio, "our_ratio_se": error}
        summaries[name]["train_seconds"] = result.train_seconds
    return summaries


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", choices=["movielens-small"], required=True)
    parser.add_argument(
        "--peers",
        default=",".join(_PEERS),
        help="comma-separated (default: %(default)s)",
    )
    parser.add_argument(
        "--only-peers", action="store_true", help="do not run the pipeline"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="where data and run are kept; that of benchmarks.quality's"
        " next_item has the model already (default: a temporary folder)",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := set(options.peers) - set(_PEERS):
        parser.error(
            f"--peers must name some of {', '.join(_PEERS)}."
            f" Received: {', '.join(sorted(unknown))}."
        )
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    dataset = load_small()
    experiment, _ = set_up("next_item", options.dataset, dataset)
    _, asked = split_ratings(dataset.interactions)
    results = {}
    if not options.only_peers:
        with tempfile.TemporaryDirectory() as temporary:
            root = (options.folder or Path(temporary)).resolve()
            results[_OURS] = run_tastemaker(root, experiment, asked)
    is_there = importlib.util.find_spec(_PACKAGE) is not None
    for name in options.peers:
        if _PEERS[name][1] and not is_there:
            logging.warning(
                "%s skipped: the package `%s` is not installed"
                " (requirements/peers.in)",
                name,
                _PACKAGE,
            )
            continue
        results[name] = run_peer(name, experiment, asked)
    sys.stdout.write(
        f"{options.dataset}, ratings, {len(asked.ratings)} of them"
        f" {asked.is_warm.sum()} by warm users\n"
    )
    for row in format_rows(results, asked):
        sys.stdout.write(f"{row}\n")
    if options.json:
        summary = {"dataset": options.dataset, "protocol": "ratings"}
        models = {"models": summarize(results, asked)}
        sys.stdout.write(json.dumps(summary | models) + "\n")


if __name__ == "__main__":
    main()
