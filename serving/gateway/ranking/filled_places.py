"""Fills the places of a slate from the top, one of them by chance."""

import random
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from serving.gateway.ranking.category_caps import CategoryCaps
from serving.gateway.ranking.exploration import Exploration
from serving.gateway.ranking.exploration import compute_propensities
from serving.gateway.ranking.exploration import draw_candidate
from serving.gateway.ranking.exploration import draw_place
from serving.gateway.ranking.exploration import select_pool

# An item's number and its categories.
_Entry = tuple[int, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class FilledPlaces:
    """Which items fill the places.

    Attributes:
        order: numbers of the items, top first.
        explored_item: the one in the place that may be explored, whether or
            not it was; -1 = nothing is ever explored.
        propensity: the chance in (0, 1] of that item to be there; that of
            every other place is 1, given the places before it.
        pool: what that place was filled from.
    """

    order: tuple[int, ...]
    explored_item: int = -1
    propensity: float = 1.0
    pool: tuple[int, ...] = ()


def fill_places(
    entries: Sequence[_Entry],
    num_competing: int,
    num_places: int,
    caps: CategoryCaps,
    exploration: Exploration,
    rng: random.Random,
) -> FilledPlaces:
    """Fills places with the first items that the caps allow.

    Into the place that may be explored comes one of those that the caps
    allow there; the places below are filled greedily again. What may come
    there as a new item is the first choice that is not above it already: no
    chance decides which, so that the propensities are exact.

    Args:
        entries: (number, categories) pairs, best first; numbers from 0.
        num_competing: of the entries; the others are buried, and are never
            drawn at random.
        num_places: at least 0.
        caps: limits that the slate must keep.
        exploration: how often a place is not filled by order, and with which
            new items; none of them buried.
        rng: where chance comes from.
    """
    greedy = _take(entries, num_places, caps.copy())
    if not greedy or exploration.is_off:
        return FilledPlaces(order=tuple(number for number, _ in greedy))
    place = draw_place(len(greedy), rng)
    caps = caps.copy()
    head = _take(entries, place, caps)
    taken = {number for number, _ in head}
    rest = [one for one in entries if one[0] not in taken]
    best, *others = [one for one in rest if caps.allows(one[1])]
    competing = {number for number, _ in entries[:num_competing]}
    pool = select_pool([best, *(one for one in others if one[0] in competing)])
    pool, new = _add_new(pool, exploration.new, taken, caps)
    propensities = compute_propensities(
        len(pool), exploration.share, new, exploration.new_share
    )
    drawn = draw_candidate(propensities, rng)
    number, categories = pool[drawn]
    caps.add(categories)
    rest = [one for one in rest if one[0] != number]
    tail = _take(rest, num_places - place - 1, caps)
    order = [*head, pool[drawn], *tail]
    return FilledPlaces(
        order=tuple(one for one, _ in order),
        explored_item=number,
        propensity=propensities[drawn],
        pool=tuple(one for one, _ in pool),
    )


def insert_pinned(
    order: Sequence[int], pins: Mapping[int, int], k: int
) -> list[int]:
    """Puts pinned items into their places; they move up past the end.

    Args:
        order: of the other items, by number.
        pins: place to number.
        k: places.
    """
    rest = iter(order)
    shown = [
        pins[place] if place in pins else next(rest, -1) for place in range(k)
    ]
    return [row for row in shown if row >= 0]


def _add_new(
    pool: list[_Entry],
    new: Sequence[_Entry],
    taken: set[int],
    caps: CategoryCaps,
) -> tuple[list[_Entry], int]:
    """Adds the new item to a pool, unless it is there; tells its position.

    Where no new item may come it is that of the best one, 0.
    """
    for entry in new:
        if entry[0] not in taken and caps.allows(entry[1]):
            numbers = [number for number, _ in pool]
            if entry[0] in numbers:
                return pool, numbers.index(entry[0])
            return [*pool, entry], len(pool)
    return pool, 0


def _take(
    entries: Sequence[_Entry], num_places: int, caps: CategoryCaps
) -> list[_Entry]:
    """Takes the first entries that the caps allow, and counts them."""
    taken: list[_Entry] = []
    for entry in entries:
        if len(taken) >= num_places:
            break
        if caps.allows(entry[1]):
            caps.add(entry[1])
            taken.append(entry)
    return taken
