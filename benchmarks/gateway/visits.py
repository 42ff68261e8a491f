"""Simulated visits to a gateway with a real catalogue."""

import math
import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.datasets import Dataset
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.features import compute_features
from serving.gateway.records.item_facts import ItemFacts

NUM_CANDIDATES = 40

SCENARIOS = ("home", "releases")
_FLIPPED = ("probability", "popularity", "freshness")
BASE_LOGIT = -1.5  # of an average item that is looked at: chance 0.18
UNSEEN_TASTE = 0.5  # standard deviation, log-odds
_SCORE_NOISE = 0.7  # standard deviation; that of the genres' liking is 1
_MONTH = 30 * 86_400.0  # seconds
NOW = 2e9  # seconds since the epoch

# By scenario, the weight of each feature for users.
Truth = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Catalogue:
    """The items and users of the simulation.

    Attributes:
        facts: of N items.
        counts: float64 `[N]`, ratings.
        qualities: float64 `[N]`, in (0, 1), from the mean rating.
        likings: float64 `[U, N]`, of each user for the genres of each item,
            mean 0 and standard deviation 1 over a user's items.
    """

    facts: tuple[ItemFacts, ...]
    counts: np.ndarray
    qualities: np.ndarray
    likings: np.ndarray


def build_catalogue(dataset: Dataset) -> Catalogue:
    """Reads the films with a year that at least ten people rated."""
    data = dataset.interactions
    items = dataset.list_texts()
    counts = np.bincount(data.items, minlength=len(items))
    sums = np.bincount(data.items, data.values, minlength=len(items))
    years = [re.search(r"\((\d{4})\)\s*$", one.title) for one in items]
    kept = [row for row in np.flatnonzero(counts >= 10) if years[row]]
    newest = max(int(years[row][1]) for row in kept)
    names = sorted({name for row in kept for name in items[row].genres})
    genres = np.array(
        [[name in items[row].genres for name in names] for row in kept], float
    )
    position = np.full(len(items), -1)
    position[kept] = np.arange(len(kept))
    is_kept = position[data.items] >= 0
    profiles = np.zeros((len(data.user_ids), len(names)))
    np.add.at(
        profiles,
        data.users[is_kept],
        genres[position[data.items[is_kept]]]
        * (data.values[is_kept, None] - 3.0),
    )
    likings = profiles @ genres.T
    likings -= likings.mean(1, keepdims=True)
    spread = likings.std(1, keepdims=True)
    facts = tuple(
        ItemFacts(
            item_id=str(data.item_ids[row]),
            title=items[row].title,
            categories=items[row].genres,
            created_at=NOW - (newest - int(years[row][1])) * _MONTH,
        )
        for row in kept
    )
    qualities = 1.0 / (1.0 + np.exp(3.5 - sums[kept] / counts[kept]))
    return Catalogue(
        facts,
        counts[kept].astype(float),
        qualities,
        (likings / np.maximum(spread, 1e-9))[spread[:, 0] > 0],
    )


@dataclass(frozen=True)
class Visit:
    """One visit, the same for every policy."""

    number: int
    context: RankingContext
    candidates: list[Candidate]
    chances: dict[str, float]  # of an action on an item that is looked at
    luck: np.ndarray  # float64 [C], uniform in [0, 1); of each place


def draw_truths(rng: np.random.Generator) -> tuple[Truth, Truth]:
    """Draws the users' preferences before and after the flip."""
    before, after = {}, {}
    for scenario in SCENARIOS:
        model = {"model": rng.uniform(0.2, 1.0)}
        others = {name: rng.normal(0.0, 0.7) for name in _FLIPPED}
        before[scenario] = model | others
        after[scenario] = model | {name: -w for name, w in others.items()}
    return before, after


def simulate_visits(
    catalogue: Catalogue,
    truths: Sequence[Truth],
    num_slates: int,
    rng: np.random.Generator,
) -> Iterator[Visit]:
    """Yields visits; each of `truths` rules an equal part of them."""
    for number in range(num_slates):
        scenario = SCENARIOS[rng.integers(len(SCENARIOS))]
        truth = truths[number * len(truths) // num_slates][scenario]
        liking = catalogue.likings[rng.integers(len(catalogue.likings))]
        rows = rng.choice(len(liking), NUM_CANDIDATES, replace=False)
        noise = rng.normal(0.0, _SCORE_NOISE, NUM_CANDIDATES)
        candidates = [
            Candidate(
                item_id=catalogue.facts[row].item_id,
                score=float(liking[row] + error),
                probability=float(catalogue.qualities[row]),
                facts=catalogue.facts[row],
                popularity=float(catalogue.counts[row]),
            )
            for row, error in zip(rows.tolist(), noise, strict=True)
        ]
        # A long history: features for new users are not used.
        context = RankingContext(
            scenario=scenario, now=NOW, history_length=1_000_000
        )
        unseen = rng.normal(0.0, UNSEEN_TASTE, NUM_CANDIDATES)
        chances = {}
        described = compute_features(candidates, context)
        for one, seen, hidden in zip(
            candidates, described, unseen, strict=True
        ):
            logit = BASE_LOGIT + hidden
            logit += sum(seen[name] * weight for name, weight in truth.items())
            chances[one.item_id] = 1.0 / (1.0 + math.exp(-logit))
        yield Visit(
            number, context, candidates, chances, rng.random(NUM_CANDIDATES)
        )
