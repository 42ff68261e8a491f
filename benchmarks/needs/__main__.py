"""How well needs in words are answered, beside BM25 and the language model.

python -m benchmarks.needs --tags TAGS.csv [--movies-1m FOLDER] [--seeds 3]

Three parts: `tags`, what people called movies, with the movies that they called
so as answers; `movies-1m`, needs made of facts about movies; `hand_made`, a
hundred needs with what a slate for them must hold. No model has seen a need or
its answers in training. The peers read the same texts of the catalogue.
"""

import argparse
import dataclasses
import json
import logging
import sys
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.needs.measures import is_obeyed
from benchmarks.needs.measures import load_hand_made
from benchmarks.needs.measures import score_slates
from benchmarks.needs.need_set import NeedSet
from benchmarks.needs.need_set import describe_movies
from benchmarks.needs.need_set import make_needs
from benchmarks.needs.need_set import read_tags
from benchmarks.needs.searchers import OurSearch
from benchmarks.needs.searchers import score_peers
from benchmarks.needs.searchers import take_first
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_movies_1m
from benchmarks.quality.datasets import load_small
from benchmarks.quality.datasets import take_part
from benchmarks.quality.protocols import set_up
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import load_seed
from benchmarks.quality.trained_pipeline import load_trainer_settings
from benchmarks.quality.trained_pipeline import train_model
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.need_reading import read_need

OURS, WITH_HISTORY, HISTORY_ALONE = "ours", "with_history", "history_alone"
_PEOPLE_OF_MOVIES_1M = 1000  # whose events are enough to search by
_SHARED = Path(__file__).parents[2].parent / "shared/data"
_Figures = dict[str, dict[str, float]]


def judge(slates: np.ndarray, asked: NeedSet, dataset: Dataset) -> dict:
    """Means over needs, with the standard error of NDCG@10."""
    rows = {item: row for row, item in enumerate(dataset.catalog)}
    answers = [
        frozenset(rows[item] for item in items) for items in asked.answers
    ]
    scores = score_slates(slates, answers)
    ndcg = scores["ndcg_at_10"]
    return {
        "ndcg_at_10": float(ndcg.mean()),
        "ndcg_at_10_se": float(ndcg.std() / np.sqrt(len(ndcg))),
        "recall_at_10": float(scores["recall_at_10"].mean()),
    }


def judge_peers(
    asked: NeedSet, dataset: Dataset, experiment: Experiment
) -> _Figures:
    """Figures of BM25, the language model, and the sum of both."""
    settings = load_trainer_settings(experiment.config, experiment.trainer)
    scores = score_peers(
        [*dataset.catalog.values()], asked.needs, settings.backbone.preset
    )
    return {
        name: judge(take_first(one), asked, dataset)
        for name, one in scores.items()
    }


def judge_ours(search: OurSearch, asked: NeedSet, dataset: Dataset) -> _Figures:
    """Figures of our search; with histories where people are known."""
    figures = {OURS: judge(search(asked.needs), asked, dataset)}
    if any(asked.users):
        nothing = [""] * len(asked.needs)
        for name, needs in (
            (WITH_HISTORY, asked.needs),
            (HISTORY_ALONE, nothing),
        ):
            slates = search(needs, asked.users, asked.answers)
            figures[name] = judge(slates, asked, dataset)
    return figures


def obey(
    search: OurSearch, dataset: Dataset, preset: str
) -> dict[str, dict[str, float]]:
    """Shares of the hand-made needs that are obeyed, by kind and by whom.

    Ours are read as the gateway reads them before it asks the model.
    """
    cases = load_hand_made()
    items = [*dataset.catalog.values()]
    catalogue = Catalogue(
        ItemFacts(item_id=item_id, title=one.title, categories=one.genres)
        for item_id, one in dataset.catalog.items()
    )
    read = [read_need(case["need"], catalogue) for case in cases]
    slates = {
        OURS: search(
            [one.text for one in read],
            excluded=[one.excluded_item_ids for one in read],
        )
    }
    needs = [case["need"] for case in cases]
    for name, scores in score_peers(items, needs, preset).items():
        slates[name] = take_first(scores)
    kinds = dict.fromkeys(case["kind"] for case in cases)
    shares: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
    for name, found in slates.items():
        obeyed = [
            is_obeyed([items[row] for row in slate if row >= 0], case)
            for slate, case in zip(found.tolist(), cases, strict=True)
        ]
        for case, one in zip(cases, obeyed, strict=True):
            if name == OURS and not one:
                logging.info("not obeyed: %s", case["need"])
        for kind in kinds:
            mine = [c["kind"] == kind for c in cases]
            shares[kind][name] = float(np.mean(np.array(obeyed)[mine]))
    return shares


def average(seeds: Sequence[Mapping[str, dict[str, float]]]) -> _Figures:
    """Means over seeds, and their standard error of NDCG@10."""
    averaged = {}
    for name, first in seeds[0].items():
        averaged[name] = {
            key: float(np.mean([one[name][key] for one in seeds]))
            for key in first
        }
        if len(seeds) > 1 and "ndcg_at_10" in first:
            values = [one[name]["ndcg_at_10"] for one in seeds]
            averaged[name]["ndcg_at_10_seeds"] = float(
                np.std(values, ddof=1) / np.sqrt(len(values))
            )
    return averaged


def run_small(root: Path, options: argparse.Namespace) -> dict[str, _Figures]:
    """The parts `tags` and `hand_made`, of one model a seed."""
    dataset = load_small()
    experiment, _ = set_up("next_item", "movielens-small", dataset)
    experiment = dataclasses.replace(experiment, trainer=options.trainer)
    first = load_seed(experiment)
    settings = load_trainer_settings(experiment.config, options.trainer)
    asked = read_tags(options.tags, dataset) if options.tags else None
    tags, hand_made = [], []
    for seed in range(first, first + options.seeds):
        model = train_model(root, dataclasses.replace(experiment, seed=seed))
        search = OurSearch(model, dataset, experiment.train)
        shares = obey(search, dataset, settings.backbone.preset)
        hand_made.append(shares)
        logging.info("seed %d, obeyed: %s", seed, shares)
        if asked:
            tags.append(judge_ours(search, asked, dataset))
            logging.info("seed %d, tags: %s", seed, tags[-1])
    parts = {"hand_made": average(hand_made)}
    if asked:
        parts["tags"] = average(tags) | judge_peers(asked, dataset, experiment)
    return parts


def run_movies_1m(
    root: Path, options: argparse.Namespace
) -> dict[str, _Figures]:
    """Parts of needs made of facts, of one model a seed."""
    whole = load_movies_1m(options.movies_1m)
    dataset = take_part(whole, options.people, len(whole.catalog))
    described = describe_movies(options.movies_1m, dataset)
    catalog = {
        item_id: dataclasses.replace(
            one, description=described.get(item_id, "")
        )
        for item_id, one in dataset.catalog.items()
    }
    dataset = dataclasses.replace(dataset, catalog=catalog)
    experiment, _ = set_up("leave_last", "movies-1m", dataset)
    experiment = dataclasses.replace(experiment, trainer=options.trainer)
    kinds = make_needs(options.movies_1m, dataset)
    first = load_seed(experiment)
    results: dict[str, list[_Figures]] = {kind: [] for kind in kinds}
    for seed in range(first, first + options.seeds):
        model = train_model(root, dataclasses.replace(experiment, seed=seed))
        search = OurSearch(model, dataset, experiment.train)
        for kind, asked in kinds.items():
            results[kind].append(judge_ours(search, asked, dataset))
            logging.info("seed %d, %s: %s", seed, kind, results[kind][-1])
    return {
        kind: average(results[kind]) | judge_peers(asked, dataset, experiment)
        for kind, asked in kinds.items()
    }


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--parts",
        default="small,movies-1m",
        help="small = tags and hand-made needs (default: %(default)s)",
    )
    parser.add_argument(
        "--tags", type=Path, default=_SHARED / "movies-small/tags.csv"
    )
    parser.add_argument("--movies-1m", type=Path, default=_SHARED / "movies-1m")
    parser.add_argument(
        "--people",
        type=int,
        default=_PEOPLE_OF_MOVIES_1M,
        help="of movies-1m, whose events train (default: %(default)s)",
    )
    parser.add_argument("--folder", type=Path, help="kept for the next call")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--trainer",
        type=json.loads,
        default={},
        help="settings of the trainer as JSON, in place of the config's",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds must be positive. Received: {options.seeds}.")
    options.parts = options.parts.split(",")
    if unknown := sorted({*options.parts} - {"small", "movies-1m"}):
        parser.error(
            f"--parts must name small, movies-1m, or both. Received: {unknown}."
        )
    if not options.tags.exists():
        sys.stderr.write(f"There is no {options.tags}: tags are left out.\n")
        options.tags = None
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parts: dict[str, _Figures] = {}
    with tempfile.TemporaryDirectory() as temporary:
        root = (options.folder or Path(temporary)).resolve()
        try:
            if "small" in options.parts:
                parts |= run_small(root / "small", options)
            if "movies-1m" in options.parts:
                parts |= run_movies_1m(root / "movies-1m", options)
        except FileNotFoundError as error:
            sys.exit(str(error))
    for part, figures in parts.items():
        for name, values in figures.items():
            told = ", ".join(f"{k} {v:.4f}" for k, v in values.items())
            sys.stdout.write(f"{part}, {name}: {told}\n")
    if options.json:
        sys.stdout.write(json.dumps({"needs": parts}) + "\n")


if __name__ == "__main__":
    main()
