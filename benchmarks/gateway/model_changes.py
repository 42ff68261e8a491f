"""Simulates how a learnt blend should change with the model.

    python -m benchmarks.gateway.model_changes [--json]

Users and catalogue are those of `benchmarks.gateway_bandit`, and do not change;
the model's score estimates the users' preferences with more or less noise.
Halfway another version of the model answers. The blend begins the new version
with a share of its learnt weights: all, some or nothing. The versions:

- `same`: retrained, no better; `better`, `worse`: half and twice the noise.
- `informed`: the model includes what the blend added, so the blend's features
  count twice from then on; `half_informed`: half of it.
- `uninformed`: from an informed version to one that is not.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.gateway.visits import BASE_LOGIT
from benchmarks.gateway.visits import NOW
from benchmarks.gateway.visits import NUM_CANDIDATES
from benchmarks.gateway.visits import SCENARIOS
from benchmarks.gateway.visits import UNSEEN_TASTE
from benchmarks.gateway.visits import Catalogue
from benchmarks.gateway.visits import Truth
from benchmarks.gateway.visits import Visit
from benchmarks.gateway.visits import build_catalogue
from benchmarks.gateway.visits import draw_truths
from benchmarks.gateway_bandit import serve_visit
from benchmarks.quality.datasets import load_small
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.features import compute_features
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig

SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)
_FIRST_SLATES = 200  # of the new version
_FIRST_SEED = 100


@dataclass(frozen=True)
class Model:
    """How a version scores.

    Attributes:
        noise: standard deviation, in units of a user's liking.
        informed: how much of the users' other preferences the score includes.
    """

    noise: float = 0.7
    informed: float = 0.0


CHANGES = {
    "same": (Model(), Model()),
    "better": (Model(), Model(noise=0.35)),
    "worse": (Model(), Model(noise=1.4)),
    "half_informed": (Model(), Model(informed=0.5)),
    "informed": (Model(), Model(informed=1.0)),
    "uninformed": (Model(informed=1.0), Model()),
}


def simulate_visits(
    catalogue: Catalogue,
    truth: Truth,
    models: Sequence[Model],
    num_slates: int,
    rng: np.random.Generator,
) -> Iterator[Visit]:
    """Yields visits; each of `models` scores an equal part of them."""
    for number in range(num_slates):
        version = number * len(models) // num_slates
        scenario = SCENARIOS[rng.integers(len(SCENARIOS))]
        liking = catalogue.likings[rng.integers(len(catalogue.likings))]
        rows = rng.choice(len(liking), NUM_CANDIDATES, replace=False)
        # A long history: what is for newcomers stays out of it.
        context = RankingContext(
            scenario=scenario,
            now=NOW,
            history_length=1_000_000,
            model_version=version + 1,
        )
        known = _describe(catalogue, rows, liking[rows], context)
        weights = truth[scenario]
        wanted = np.array([one["model"] for one in known]) * weights["model"]
        others = np.array(
            [
                sum(one[k] * w for k, w in weights.items() if k != "model")
                for one in known
            ]
        )
        noise = rng.normal(0.0, 1.0, NUM_CANDIDATES) * weights["model"]
        model = models[version]
        scores = wanted + model.informed * others + model.noise * noise
        unseen = rng.normal(0.0, UNSEEN_TASTE, NUM_CANDIDATES)
        logits = BASE_LOGIT + unseen + wanted + others
        chances = {
            catalogue.facts[row].item_id: 1.0 / (1.0 + math.exp(-logit))
            for row, logit in zip(rows, logits, strict=True)
        }
        candidates = _build_candidates(catalogue, rows, scores)
        luck = rng.random(NUM_CANDIDATES)
        yield Visit(number, context, candidates, chances, luck)


def _describe(
    catalogue: Catalogue,
    rows: np.ndarray,
    scores: np.ndarray,
    context: RankingContext,
) -> list[dict[str, float]]:
    candidates = _build_candidates(catalogue, rows, scores)
    return compute_features(candidates, context)


def _build_candidates(
    catalogue: Catalogue, rows: np.ndarray, scores: np.ndarray
) -> list[Candidate]:
    return [
        Candidate(
            item_id=catalogue.facts[row].item_id,
            score=float(score),
            probability=float(catalogue.qualities[row]),
            facts=catalogue.facts[row],
            popularity=float(catalogue.counts[row]),
        )
        for row, score in zip(rows.tolist(), scores, strict=True)
    ]


def simulate(
    catalogue: Catalogue, change: str, num_slates: int, seed: int
) -> dict[str, np.ndarray]:
    """Serves the same visits by every policy.

    Returns:
        By policy, a share of SHARES as text or "fixed", float64
        `[num_slates]`: expected actions on each slate. The new version answers
        from the middle on.
    """
    rng = np.random.default_rng(seed)
    truth, _ = draw_truths(rng)
    settings = {
        f"{share:g}": PolicyConfig(learns=True, carried_over=share)
        for share in SHARES
    }
    settings["fixed"] = PolicyConfig(exploration=0.0)
    config = RankingConfig(policies=settings, default_policy="fixed")
    rankers = {name: Ranker(config, random.Random(seed)) for name in settings}
    actions = {name: np.zeros(num_slates) for name in settings}
    models = CHANGES[change]
    for visit in simulate_visits(catalogue, truth, models, num_slates, rng):
        for name, ranker in rankers.items():
            actions[name][visit.number] = serve_visit(
                ranker, name, visit, is_learning=name != "fixed"
            )
    return actions


def run_simulation(
    num_slates: int = 2000,
    num_seeds: int = 8,
    changes: Sequence[str] = tuple(CHANGES),
) -> dict:
    """Runs changes for several seeds and sums up.

    Args:
        num_slates: of each seed; the model changes halfway.
        num_seeds: at least 2.
        changes: some of CHANGES.

    Returns:
        By change, `first` (of the new version's slates, 200) and `all` of
        them: by policy its expected actions over those of the blend that begins
            with fixed weights, minus 1, as mean over seeds and standard error.
    """
    catalogue = build_catalogue(load_small())
    half = num_slates // 2
    parts = {
        "first": slice(half, half + _FIRST_SLATES),
        "all": slice(half, None),
    }
    found = {}
    for change in changes:
        runs = [
            simulate(catalogue, change, num_slates, _FIRST_SEED + number)
            for number in range(num_seeds)
        ]
        found[change] = {
            part: {name: _compare(runs, name, rows) for name in runs[0]}
            for part, rows in parts.items()
        }
    return {"num_slates": num_slates, "num_seeds": num_seeds, "changes": found}


def _compare(
    runs: Sequence[dict[str, np.ndarray]], name: str, rows: slice
) -> dict[str, float]:
    gains = [run[name][rows].sum() / run["0"][rows].sum() - 1 for run in runs]
    return {
        "gain": float(np.mean(gains)),
        "se": float(np.std(gains, ddof=1) / math.sqrt(len(gains))),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures and, with `--json`, one JSON object after them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slates", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--changes", nargs="+", default=[*CHANGES])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = run_simulation(options.slates, options.seeds, options.changes)
    for change, parts in figures["changes"].items():
        for part, policies in parts.items():
            for name, one in policies.items():
                sys.stdout.write(
                    f"{change:14}{part:7}{name:6}"
                    f"{one['gain']:+8.3f} +- {one['se']:.3f}\n"
                )
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
