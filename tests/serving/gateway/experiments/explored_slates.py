"""Slates of a policy that explores, with the truth about another."""

import numpy as np

from serving.gateway.experiments.slate_log import JudgedSlate
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

NEW_WEIGHTS = {"model": 1.0}


def expect_success(features):
    """Chance that a slate with such an item in the explored place succeeds."""
    return 0.05 + 0.9 * features["model"]


def simulate_slates(seed, num_slates=600, exploration=0.4, num_items=4):
    """Makes slates whose policy shows the most popular item.

    Returns:
        The slates; the new policy's success per slate on them, and the logged
        policy's.
    """
    random = np.random.default_rng(seed)
    slates, new_value, logged_value = [], 0.0, 0.0
    for number in range(num_slates):
        candidates = {
            f"item{i}": {"model": model, "popular": popular}
            for i, (model, popular) in enumerate(
                random.random((num_items, 2)).tolist()
            )
        }
        names = list(candidates)
        greedy = max(names, key=lambda name: candidates[name]["popular"])
        chances = [
            exploration / num_items + (1 - exploration) * (name == greedy)
            for name in names
        ]
        shown = int(random.choice(num_items, p=chances))
        expected = [expect_success(candidates[name]) for name in names]
        new_value += max(expected)
        logged_value += float(np.dot(chances, expected))
        exposure = Exposure(
            slate_id=str(number),
            user_id=f"user{number // 2}",
            timestamp=float(number),
            items=(
                ExposedItem(item_id="first", score=1.0),
                ExposedItem(
                    item_id=names[shown], score=0.5, propensity=chances[shown]
                ),
            ),
            explored_position=1,
            candidates=candidates,
        )
        took = random.random() < expected[shown]
        slates.append(
            JudgedSlate(
                exposure=exposure,
                succeeded=frozenset([names[shown]] if took else []),
            )
        )
    return slates, new_value / num_slates, logged_value / num_slates
