"""Simulates the gain of a learning blend over a fixed one.

    python -m benchmarks.gateway_bandit [--json]

The catalogue is MovieLens latest-small: genres, number of ratings, mean
rating and year are real. The rest is simulated: the model's score is a user's
preference for the genres with noise; a year of a film's age counts as a month
of an item's age; users act on an item by a weighting of the same features that
the blend reads, drawn again for each scenario and seed, plus a hidden
preference for each item, and look at place j with chance 1 / (1 + j). Halfway
preferences flip: users who preferred popular, new or well rated items avoid
them from then on.

All policies order the same candidates for the same users. They are compared by
the expected number of actions, without noise; they learn from drawn actions.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.gateway.visits import Catalogue
from benchmarks.gateway.visits import Truth
from benchmarks.gateway.visits import Visit
from benchmarks.gateway.visits import build_catalogue
from benchmarks.gateway.visits import draw_truths
from benchmarks.gateway.visits import simulate_visits
from benchmarks.quality.datasets import load_small
from serving.gateway.ranking.ranked_slate import RankedSlate
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.records.exposure import Exposure

_K = 10
_WINDOW = 100  # slates of a moving average of regret
_FIRST_SEED = 10  # settings were chosen on those before
_POLICIES = ("fixed", "learnt", "learnt_without_exploration", "oracle")


def _build_rankers(truths: Sequence[Truth], seed: int) -> dict[str, Ranker]:
    settings = {
        "fixed": PolicyConfig(exploration=0.0),
        "learnt": PolicyConfig(learns=True),
        "learnt_without_exploration": PolicyConfig(
            learns=True, exploration=0.0
        ),
    }
    for phase, truth in enumerate(truths):
        for scenario, weights in truth.items():
            settings[f"oracle {scenario} {phase}"] = PolicyConfig(
                weights=weights, exploration=0.0
            )
    config = RankingConfig(policies=settings, default_policy="fixed")
    return {name: Ranker(config, random.Random(seed)) for name in _POLICIES}


def serve_visit(
    ranker: Ranker, policy: str, visit: Visit, is_learning: bool
) -> float:
    """Shows one slate, lets people act, and returns the expected actions."""
    slate = ranker.rank(visit.candidates, visit.context, _K, policy)
    chances = [
        visit.chances[one.candidate.item_id] / (1 + place)
        for place, one in enumerate(slate.items)
    ]
    if is_learning:
        rewards = {
            one.candidate.item_id: 1.0
            for one, chance, luck in zip(
                slate.items, chances, visit.luck, strict=False
            )
            if luck < chance
        }
        ranker.learn(expose(slate, visit), rewards)
    return sum(chances)


def expose(slate: RankedSlate, visit: Visit) -> Exposure:
    """Returns the record of a slate in the log."""
    return Exposure(
        slate_id=str(visit.number),
        user_id="somebody",
        timestamp=visit.context.now,
        scenario=visit.context.scenario,
        model_version=visit.context.model_version,
        policy=slate.policy,
        items=tuple(one.as_exposed() for one in slate.items),
        explored_position=slate.explored_position,
        candidates=slate.candidates,
    )


def simulate(
    catalogue: Catalogue, num_slates: int, seed: int
) -> dict[str, np.ndarray]:
    """Serves the same visits by every policy.

    Returns:
        By policy, float64 `[num_slates]`: expected actions on each slate.
    """
    rng = np.random.default_rng(seed)
    truths = draw_truths(rng)
    rankers = _build_rankers(truths, seed)
    rewards = {name: np.zeros(num_slates) for name in _POLICIES}
    for visit in simulate_visits(catalogue, truths, num_slates, rng):
        phase = visit.number * len(truths) // num_slates
        for name, ranker in rankers.items():
            policy = name
            if name == "oracle":
                policy = f"oracle {visit.context.scenario} {phase}"
            rewards[name][visit.number] = serve_visit(
                ranker, policy, visit, name.startswith("learnt")
            )
    return rewards


def count_slates_to_recover(regrets: np.ndarray) -> int:
    """Counts slates after the flip until 90% of the loss is made good.

    The level before is the mean regret of the quarter before the flip; the
    loss is how far the mean of the first 20 slates after it lies above. It is
    made good once a moving average of 100 slates is within 10% of the loss
    above the level.

    Args:
        regrets: float64 `[S]`, by slate; the flip is at S // 2.

    Returns:
        Slates up to the middle of that window; S - S // 2 = never.
    """
    flip = len(regrets) // 2
    before, after = regrets[flip // 2 : flip].mean(), regrets[flip:]
    loss = after[:20].mean() - before
    if loss <= 0.0:
        return 0
    means = np.convolve(after, np.full(_WINDOW, 1.0 / _WINDOW), "valid")
    made_good = np.flatnonzero(means <= before + 0.1 * loss)
    return int(made_good[0]) + _WINDOW // 2 if len(made_good) else len(after)


def run_simulation(num_slates: int = 2000, num_seeds: int = 5) -> dict:
    """Runs it for several seeds and sums up.

    Args:
        num_slates: of each seed; preferences flip halfway.
        num_seeds: at least 2.

    Returns:
        `bandit_gain_over_fixed`: expected actions of the learnt blend over
        those of the fixed one, minus 1, mean over seeds; `..._se`: its
        standard error; `gain_without_exploration`, `gain_of_oracle`: the same
        of those; `recovery`: `slates` (`count_slates_to_recover`, mean and
        largest over seeds) and `last_quarter_over_oracle` (actions of the
        last quarter over those of the oracle), beside the fixed blend's.
    """
    catalogue = build_catalogue(load_small())
    seeds = range(_FIRST_SEED, _FIRST_SEED + num_seeds)
    runs = [simulate(catalogue, num_slates, seed) for seed in seeds]
    totals = {
        name: np.array([run[name].sum() for run in runs]) for name in _POLICIES
    }
    gains = {name: totals[name] / totals["fixed"] - 1.0 for name in _POLICIES}
    last = slice(num_slates - num_slates // 4, None)
    slates = [
        count_slates_to_recover(run["oracle"] - run["learnt"]) for run in runs
    ]
    shares = {
        name: float(
            np.mean(
                [
                    run[name][last].sum() / run["oracle"][last].sum()
                    for run in runs
                ]
            )
        )
        for name in ("learnt", "fixed")
    }
    error = gains["learnt"].std(ddof=1) / math.sqrt(num_seeds)
    without = gains["learnt_without_exploration"]
    return {
        "num_slates": num_slates,
        "num_seeds": num_seeds,
        "bandit_gain_over_fixed": float(gains["learnt"].mean()),
        "bandit_gain_over_fixed_se": float(error),
        "gain_without_exploration": float(without.mean()),
        "gain_of_oracle": float(gains["oracle"].mean()),
        "recovery": {
            "slates_mean": float(np.mean(slates)),
            "slates_max": max(slates),
            "last_quarter_over_oracle": shares["learnt"],
            "last_quarter_of_fixed_over_oracle": shares["fixed"],
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures and, with `--json`, one JSON object after them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slates", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = run_simulation(options.slates, options.seeds)
    for name, value in {**figures, **figures["recovery"]}.items():
        if not isinstance(value, dict):
            sys.stdout.write(f"{name:36}{value:10.4g}\n")
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
