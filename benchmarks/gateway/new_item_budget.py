"""Simulates how fast good new items are found, and what bad ones cost.

    python -m benchmarks.gateway.new_item_budget [--json] [--share 0.1]

Users and the films' categories are those of `benchmarks.gateway_bandit`, at
1,000 slates a day. Twenty new items come at once: five are good (people act on
one of them 3 times as often as on a usual item, by odds), fifteen are bad (a
fifth). No model has met them: their scores say whom they suit, lie 2.5 standard
deviations below those of others, and nothing in them tells good from bad. Five
of them are candidates of each slate. A slate has ten places; place j is looked
at with chance 1 / (1 + j).

- `none`: new items come by their scores.
- `quota`: so many slates give one place to a new item, drawn at random.
- `budget`: so many slates give one to the choice of `NewItemBudget`.
- `oracle`: to the best one for this user, if it is better than a usual item.

A good item is found with its 20th action, enough for the next training run; one
that is not found counts as the last day. What people do is compared by expected
actions, without noise, with those of `none`; all get the same visits.
"""

import argparse
import dataclasses
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from benchmarks.gateway.visits import BASE_LOGIT
from benchmarks.gateway.visits import NOW
from benchmarks.gateway.visits import NUM_CANDIDATES
from benchmarks.gateway.visits import UNSEEN_TASTE
from benchmarks.gateway.visits import Catalogue
from benchmarks.gateway.visits import Visit
from benchmarks.gateway.visits import build_catalogue
from benchmarks.gateway_bandit import expose
from benchmarks.quality.datasets import load_small
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.new_item_budget import NewItemBudget
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import NewItemConfig
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig

METHODS = ("none", "quota", "budget", "oracle")
_SLATES_A_DAY = 1000
_K = 10
_NUM_GOOD, _NUM_BAD = 5, 15
_GOOD, _BAD = math.log(3.0), -math.log(5.0)  # log-odds
_NUM_NEW = 5  # candidates of a slate, as of the gateway
_PENALTY = 2.5  # of the score of new items, standard deviations
_TASTE = 0.6  # weight of a user's liking
_NOISE = 0.7  # of the model's score, standard deviation
_FOUND = 20  # actions
_POLICY = "main"


class RandomQuota(NewItemBudget):
    """Chooses new items at random, whatever people do with them."""

    def order(self, policy, scores, now):
        """Returns all of them, shuffled."""
        return random.Random(len(scores) + int(now)).sample(
            sorted(scores), len(scores)
        )


class Oracle(NewItemBudget):
    """Knows what people would do; `chances` is told before each slate."""

    def __init__(self, policies: Mapping[str, NewItemConfig]):
        """Begins without chances."""
        super().__init__(policies)
        self.chances: Mapping[str, float] = {}

    def order(self, policy, scores, now):
        """Returns those that are better than a usual item."""
        usual = 1.0 / (1.0 + math.exp(-BASE_LOGIT))
        better = [one for one in scores if self.chances[one] > usual]
        return sorted(better, key=lambda one: -self.chances[one])


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one method did with one seed's visits.

    Attributes:
        actions: float64 `[num_slates]`, expected, of each slate.
        days: until each good item was found.
        bad_shows: of bad items.
    """

    actions: np.ndarray
    days: list[float]
    bad_shows: int


def simulate_visits(catalogue: Catalogue, num_slates: int, seed: int):
    """Yields visits with new items, named good-0 and bad-0, among others."""
    rng = np.random.default_rng(seed)
    names = [f"good-{n}" for n in range(_NUM_GOOD)]
    names += [f"bad-{n}" for n in range(_NUM_BAD)]
    like = rng.choice(len(catalogue.facts), len(names), replace=False)
    worth = np.array([_GOOD] * _NUM_GOOD + [_BAD] * _NUM_BAD)
    hidden = rng.normal(0.0, UNSEEN_TASTE, len(catalogue.facts))
    for number in range(num_slates):
        liking = catalogue.likings[rng.integers(len(catalogue.likings))]
        rows = rng.choice(len(liking), NUM_CANDIDATES, replace=False)
        scores = liking[rows] + rng.normal(0.0, _NOISE, len(rows))
        ids = [catalogue.facts[row].item_id for row in rows]
        logits = BASE_LOGIT + _TASTE * liking[rows] + hidden[rows]
        new = liking[like] + rng.normal(0.0, _NOISE, len(names)) - _PENALTY
        best = np.argsort(-new)[:_NUM_NEW]
        ids += [names[one] for one in best]
        scores = np.concatenate([scores, new[best]])
        of_new = BASE_LOGIT + _TASTE * liking[like] + worth
        logits = np.concatenate([logits, of_new[best]])
        yield Visit(
            number,
            RankingContext(now=NOW + number * 86_400.0 / _SLATES_A_DAY),
            [
                Candidate(item_id=one, score=float(score), is_new=one in names)
                for one, score in zip(ids, scores, strict=True)
            ],
            _compute_chances(ids, logits),
            rng.random(NUM_CANDIDATES),
        )


def _compute_chances(
    ids: Sequence[str], logits: np.ndarray
) -> dict[str, float]:
    chances = 1.0 / (1.0 + np.exp(-logits))
    return dict(zip(ids, chances.tolist(), strict=True))


def build_ranker(method: str, share: float, seed: int) -> Ranker:
    """Builds a ranker that treats new items by one of the methods."""
    new_items = NewItemConfig(share=0.0 if method == "none" else share)
    policy = PolicyConfig(exploration=0.0, new_items=new_items)
    config = RankingConfig(policies={_POLICY: policy}, default_policy=_POLICY)
    ranker = Ranker(config, random.Random(seed))
    others = {"quota": RandomQuota, "oracle": Oracle}
    if method in others:
        ranker.new_items = others[method]({_POLICY: new_items})
    return ranker


def run_method(
    catalogue: Catalogue, method: str, share: float, num_days: int, seed: int
) -> Outcome:
    """Serves all visits of a seed."""
    ranker = build_ranker(method, share, seed)
    num_slates = num_days * _SLATES_A_DAY
    actions, found = np.zeros(num_slates), {}
    taken, bad_shows = Counter(), 0
    for visit in simulate_visits(catalogue, num_slates, seed):
        if method == "oracle":
            ranker.new_items.chances = visit.chances
        slate = ranker.rank(visit.candidates, visit.context, _K)
        ids = [one.candidate.item_id for one in slate.items]
        chances = [visit.chances[one] / (1 + j) for j, one in enumerate(ids)]
        actions[visit.number] = sum(chances)
        rewards = {
            one: 1.0
            for one, chance, luck in zip(ids, chances, visit.luck, strict=False)
            if luck < chance
        }
        ranker.new_items.learn(expose(slate, visit), rewards)
        taken.update(rewards.keys())
        bad_shows += sum(one.startswith("bad-") for one in ids)
        for one in rewards:
            if one.startswith("good-") and taken[one] == _FOUND:
                found[one] = (visit.number + 1) / _SLATES_A_DAY
    good = [f"good-{n}" for n in range(_NUM_GOOD)]
    days = [found.get(one, float(num_days)) for one in good]
    return Outcome(actions, days, bad_shows)


def run_simulation(
    share: float = 0.1, num_days: int = 10, num_seeds: int = 3
) -> dict[str, dict[str, float]]:
    """Runs all methods for several seeds.

    Returns:
        By method, means over seeds and their standard errors (`..._se`):
        `days_to_find`, of a good item; `bad_shows_per_1000`, of slates;
        `gain_per_1000` and `gain_per_1000_on_the_first_day`: expected actions
        above those of `none`, on 1,000 slates.
    """
    catalogue = build_catalogue(load_small())
    values: dict[str, list[dict[str, float]]] = {one: [] for one in METHODS}
    for seed in range(num_seeds):
        outcomes = {
            one: run_method(catalogue, one, share, num_days, seed)
            for one in METHODS
        }
        for name, one in outcomes.items():
            gain = 1000.0 * (one.actions - outcomes["none"].actions)
            values[name].append(
                {
                    "days_to_find": float(np.mean(one.days)),
                    "bad_shows_per_1000": 1000.0
                    * one.bad_shows
                    / len(one.actions),
                    "gain_per_1000_on_the_first_day": float(
                        gain[:_SLATES_A_DAY].mean()
                    ),
                    "gain_per_1000": float(gain.mean()),
                }
            )
    return {name: _average(seeds) for name, seeds in values.items()}


def _average(seeds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    averaged = {}
    for key in seeds[0]:
        of_seeds = np.array([one[key] for one in seeds])
        averaged[key] = float(of_seeds.mean())
        if len(seeds) > 1:
            error = of_seeds.std(ddof=1) / math.sqrt(len(seeds))
            averaged[f"{key}_se"] = float(error)
    return averaged


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures and, with `--json`, one JSON object after them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = run_simulation(options.share, options.days, options.seeds)
    for name, values in figures.items():
        for key, value in values.items():
            sys.stdout.write(f"{name:8}{key:40}{value:10.3f}\n")
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
