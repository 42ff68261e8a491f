"""Draws one place of some slates at random, and tells how likely that was."""

import random

NUM_CANDIDATES = 10  # the explored place is drawn from at most so many

_NUM_PLACES = 10  # further down hardly anybody looks: nothing is learnt there


def draw_place(num_places: int, rng: random.Random) -> int:
    """Draws the place that may be explored, uniformly among the first 10.

    It is drawn for every slate, before it is known whether this one is
    explored, and never by looking at the items: given the place, the
    propensities of `compute_propensities` are exact.

    Args:
        num_places: of the slate, at least 1.
        rng: where chance comes from.
    """
    return rng.randrange(min(num_places, _NUM_PLACES))


def compute_propensities(
    num_candidates: int, exploration: float
) -> list[float]:
    """Returns the chance of each candidate to be shown in the drawn place.

    The best one is shown, but with chance `exploration` one is drawn
    uniformly, the best among them: (1 - e) [is best] + e / C. So no more than
    the share e of slates differs from the greedy one. Uniform rather than by
    inverse gaps (SquareCB): the budget bounds the cost already, the smallest
    propensity is as large as it can be, hence also the variance of what is
    estimated from the logs as small in the worst case, and it does not rest
    on how well the blend is calibrated.

    Args:
        num_candidates: C, best first, at least 1.
        exploration: e, in [0, 1].

    Returns:
        C chances that sum to 1.

    Source:
        Langford and Zhang, NeurIPS 2007 (epoch-greedy, with a constant rate
        here as people change); compare Foster and Rakhlin, ICML 2020,
        arXiv:2002.04926.
    """
    drawn = exploration / num_candidates
    return [1.0 - exploration + drawn] + [drawn] * (num_candidates - 1)


def draw_candidate(propensities: list[float], rng: random.Random) -> int:
    """Draws a position by its chance."""
    return rng.choices(range(len(propensities)), propensities)[0]
