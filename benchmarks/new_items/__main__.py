"""Whether items that training never met are seen, and what that costs.

    python -m benchmarks.new_items [--seeds 1] [--folder DIR] [--json]

MovieLens small without a tenth of its items, drawn by a hash; the pipeline
learns from the events on the others. Then all items are candidates of one slate
a person: NDCG@10 of her last event on a known item, and recall@10 of all that
she did to new ones. Ways to show new items are compared along one setting, how
many new items a slate holds in the mean, less than one:

- `flat_boost`: a bonus on our model's scores of all new items;
- `als_from_text`: the same on the scores of ALS, whose factors of new items a
  regression on text gives;
- `quota_...`: the last place of our slates, drawn at random, for a new item:
  any (`random`), that with the text most similar to the history (`similar`), or
  the best of ALS from text;
- `confident_...`: ours, the last place of the slates whose new item is the
  surest, by our model's score (`score`), by similarity of text (`text`), or by
  both, each in standard deviations among the query's new items (`both`).

The setting is the largest at which a quota costs 1% of NDCG@10 in expectation,
as one half of the people says; it is reported for the other half, and the other
way round. `cost` is what a method loses of the NDCG@10 of the same recommender
without new items.
"""

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.new_items.held_out_items import HeldOutItems
from benchmarks.new_items.held_out_items import hold_out_items
from benchmarks.new_items.placing import Boost
from benchmarks.new_items.placing import Confident
from benchmarks.new_items.placing import Mixture
from benchmarks.new_items.placing import Quota
from benchmarks.new_items.placing import replace_last
from benchmarks.new_items.placing import standardise
from benchmarks.quality import peers
from benchmarks.quality.asked_model import ask_for_scores
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_small
from benchmarks.quality.peer_settings import CONTENT_PEERS
from benchmarks.quality.protocols import PROTOCOLS
from benchmarks.quality.ranking_protocol import compute_standard_error
from benchmarks.quality.ranking_protocol import score_slates
from benchmarks.quality.ranking_protocol import select_top_items
from benchmarks.quality.ranking_protocol import weigh_histories
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import load_trainer_settings
from benchmarks.quality.trained_pipeline import train_model
from benchmarks.quality.tuning import tune

MAX_COST = 0.01  # of NDCG@10 on known items
_CONFIG = PROTOCOLS["cold_items"].configs["movielens-small"]
_Figures = dict[str, dict[str, float]]
_Method = Quota | Confident | Boost


def score_peers(dataset: Dataset, held: HeldOutItems) -> dict[str, np.ndarray]:
    """Scores all items by what peers know of them, each float `[Q, I]`."""
    weights = weigh_histories(held.known)
    scores = {}
    for name in ("tfidf_text", "als_from_text"):
        settings = CONTENT_PEERS[name]
        if obstacle := settings.find_obstacle(dataset):
            logging.warning("%s skipped: %s", name, obstacle)
            continue
        peer, _ = tune(
            settings.build(dataset),
            held.train,
            split=PROTOCOLS["cold_items"].tuning_split,
        )
        scores[name] = peer.score(weights, held.known)
    if "als_from_text" in scores:
        als = peers.ImplicitAls()  # with the factors that were regressed
        als.fit(held.train)
        known = als.score(weights, held.known)
        scores["als_from_text"] = np.where(
            held.is_new, scores["als_from_text"], known
        )
    return scores


def build_methods(
    held: HeldOutItems, ours: np.ndarray, others: Mapping[str, np.ndarray]
) -> dict[str, _Method]:
    """Builds what is compared, ours last."""
    is_new = held.is_new
    slates = select_top_items(np.where(is_new, -np.inf, ours), held.known)
    lots = np.random.RandomState(0).permutation(np.flatnonzero(is_new))
    score = standardise(ours, is_new)
    text = standardise(others["tfidf_text"], is_new)
    methods: dict[str, _Method] = {
        "flat_boost": Boost(held.known, ours, is_new),
        "quota_random": Quota(slates, np.resize(lots, len(slates))),
        "quota_similar": Quota(slates, text.argmax(axis=1)),
    }
    if "als_from_text" in others:
        als = others["als_from_text"]
        methods["als_from_text"] = Boost(held.known, als, is_new)
        best = standardise(als, is_new).argmax(axis=1)
        methods["quota_als_from_text"] = Quota(slates, best)
    return methods | {
        "confident_score": Confident(slates, score),
        "confident_text": Confident(slates, text),
        "confident_both": Confident(slates, score + text),
    }


def choose_share(
    held: HeldOutItems, slates: np.ndarray, asked: np.ndarray
) -> float:
    """Chooses the share of slates whose last place may go.

    Args:
        held: the queries.
        slates: int64 `[Q, 10]`, of known items.
        asked: bool `[Q]`, the queries to choose by.
    """
    nothing = np.full(len(slates), -1)
    without = replace_last(slates, nothing)
    before = score_slates(slates, held.known)["ndcg"][asked].sum()
    lost = before - score_slates(without, held.known)["ndcg"][asked].sum()
    return float(min(1.0, MAX_COST * before / lost)) if lost > 0.0 else 1.0


def judge(held: HeldOutItems, mixture: Mixture) -> tuple[np.ndarray, ...]:
    """Returns NDCG@10 and recall@10 of each query, float64 `[Q]`."""
    ndcg = sum(w * score_slates(s, held.known)["ndcg"] for w, s in mixture)
    recall = sum(w * score_slates(s, held.new)["recall"] for w, s in mixture)
    return ndcg, recall


def compare(
    held: HeldOutItems, ours: np.ndarray, others: Mapping[str, np.ndarray]
) -> _Figures:
    """Compares the methods, each half with the share that the other chose.

    Returns:
        By method `known_ndcg_at_10`, `new_recall_at_10`, their standard errors
        (`..._se`), `cost`, and `share`: new items a slate.
    """
    slates = select_top_items(np.where(held.is_new, -np.inf, ours), held.known)
    halves = [held.is_validation, ~held.is_validation]
    shares = [choose_share(held, slates, asked) for asked in halves]
    figures = {}
    for name, method in build_methods(held, ours, others).items():
        # Chosen by one half, told of the other.
        pairs = [
            judge(held, method.place(share, asked))
            for share, asked in zip(shares, halves, strict=True)
        ]
        ndcg, recall = (
            np.where(halves[0], of_second, of_first)
            for of_first, of_second in zip(*pairs, strict=True)
        )
        everybody = np.ones(len(halves[0]), bool)
        without, _ = judge(held, method.place(0.0, everybody))
        users = held.known.users
        figures[name] = {
            "known_ndcg_at_10": float(ndcg.mean()),
            "known_ndcg_at_10_se": compute_standard_error(ndcg, users),
            "new_recall_at_10": float(recall.mean()),
            "new_recall_at_10_se": compute_standard_error(recall, users),
            "cost": float(1.0 - ndcg.mean() / without.mean()),
            "share": float(np.mean(shares)),
        }
    return figures


def run(root: Path, num_seeds: int) -> _Figures:
    """Trains a model for each draw of the items, and compares."""
    dataset = load_small()
    first = load_trainer_settings(_CONFIG, {}).seed
    seeds = []
    for seed in range(first, first + num_seeds):
        held = hold_out_items(dataset.interactions, seed)
        experiment = Experiment(
            dataset=dataset,
            events=held.events,
            train=held.train,
            config=_CONFIG,
            seed=seed,
        )
        model = train_model(root / str(seed), experiment)
        ours = ask_for_scores(model, dataset, held.known)
        seeds.append(compare(held, ours, score_peers(dataset, held)))
        logging.info("seed %d: %s", seed, seeds[-1])
    return {
        name: {
            key: float(np.mean([one[name][key] for one in seeds]))
            for key in figures
        }
        for name, figures in seeds[0].items()
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="kept for the next call")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds must be positive. Received: {options.seeds}.")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as temporary:
        root = (options.folder or Path(temporary)).resolve()
        figures = run(root, options.seeds)
    for name, one in figures.items():
        sys.stdout.write(
            f"{name:22}new recall@10 {one['new_recall_at_10']:.4f}"
            f" ±{one['new_recall_at_10_se']:.4f}, known NDCG@10"
            f" {one['known_ndcg_at_10']:.4f} ±{one['known_ndcg_at_10_se']:.4f},"
            f" cost {one['cost']:+.2%}, share {one['share']:.0%}\n"
        )
    if options.json:
        sys.stdout.write(json.dumps({"new_items": figures}) + "\n")


if __name__ == "__main__":
    main()
