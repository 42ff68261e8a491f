"""Fills one place of some slates at random, with known propensities."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")
_NUM_BEST = 5  # candidates of the explored place that come next by order
_NUM_SPREAD = 5  # and those from all over the rest
NUM_PLACES = 10  # further down few users look: nothing is learnt there


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """How often one place of a slate is not filled by order.

    Attributes:
        share: of the slates that draw it among the pool.
        new_share: of the slates that give it to a new item, if one may come
            there; at most 1 with `share`.
        new: new items by number, with their categories, the first choice
            first.
    """

    share: float = 0.0
    new_share: float = 0.0
    new: Sequence[tuple[int, Sequence[str]]] = ()

    @property
    def is_off(self) -> bool:
        """Whether every place is filled by order."""
        return self.share == 0.0 and self.new_share == 0.0


def draw_place(num_places: int, rng: random.Random) -> int:
    """Draws the place that may be explored, uniformly among the first 10.

    It is drawn for every slate, before it is decided whether to explore, and
    independently of the items: given the place, the propensities of
    `compute_propensities` are exact.

    Args:
        num_places: of the slate, at least 1.
        rng: source of randomness.
    """
    return rng.randrange(min(num_places, NUM_PLACES))


def select_pool(candidates: Sequence[_T]) -> list[_T]:
    """Selects the candidates for the drawn place, deterministically.

    The next five, because they are likely to be good, and five spread evenly
    over the rest down to the last: a blend that is wrong about a feature keeps
    items with it at the bottom, and would never learn that.

    Args:
        candidates: best first, at least one.

    Returns:
        At most ten of them in the same order; the first one leads.
    """
    best, rest = candidates[:_NUM_BEST], candidates[_NUM_BEST:]
    num_spread = min(_NUM_SPREAD, len(rest))
    steps = range(1, num_spread + 1)
    return [*best, *(rest[len(rest) * one // num_spread - 1] for one in steps)]


def compute_propensities(
    num_candidates: int,
    exploration: float,
    new: int = 0,
    new_share: float = 0.0,
) -> list[float]:
    """Returns the chance of each candidate to be shown in the drawn place.

    The best one is shown, but with chance `exploration` one is drawn
    uniformly, the best among them, and with chance `new_share` it is a new
    item: (1 - e - n) [is best] + e / C + n [is new]. So no more than the share
    e + n of slates differs from the greedy one. Uniform rather than by
    inverse gaps (SquareCB): the budget bounds the cost already, the smallest
    propensity is as large as it can be, hence also the variance of what is
    estimated from the logs as small in the worst case, and it does not rest
    on how well the blend is calibrated.

    Args:
        num_candidates: C, best first, at least 1.
        exploration: e, in [0, 1].
        new: position of the new item; where there is none the best one, who
            gets n back.
        new_share: n, in [0, 1 - e].

    Returns:
        C chances that sum to 1.

    Source:
        Langford and Zhang, NeurIPS 2007 (epoch-greedy, with a constant rate
        here as people change); compare Foster and Rakhlin, ICML 2020,
        arXiv:2002.04926.
    """
    chances = [exploration / num_candidates] * num_candidates
    chances[new] += new_share
    # What is left, so that no rounding makes more than all of it.
    chances[0] = max(0.0, 1.0 - sum(chances[1:]))
    return chances


def draw_candidate(propensities: list[float], rng: random.Random) -> int:
    """Draws a position by its chance."""
    return rng.choices(range(len(propensities)), propensities)[0]
