"""Needs that somebody new to a catalogue may begin with."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.title_words import find_year
from serving.gateway.slates.title_words import say_title

_NAME = re.compile(r"\w[\w &'/-]*")  # of a category that people would say
_PARTED = (0.05, 0.5)  # share of a category that is in another, too, where it
# makes sense to want the one without the other
_MAX_TITLE = 30  # characters of a title that is short enough to be an example


def count_categories(items: Iterable[ItemFacts]) -> dict[str, int]:
    """Counts the items of each category, the largest first."""
    counts = Counter(name for item in items for name in set(item.categories))
    order = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return dict(order)


def build_example_needs(
    items: Sequence[ItemFacts],
    categories: Mapping[str, int],
    popularity: Mapping[str, float],
) -> list[str]:
    """Makes needs of what a catalogue has: categories, decades and titles.

    Args:
        items: all of them.
        categories: as of `count_categories`.
        popularity: by item id, the most popular first.

    Returns:
        At most four; none for a catalogue without categories and popular
        titles.
    """
    sayable = [name for name in categories if _NAME.fullmatch(name)]
    found = [
        _say_parted(items, sayable, categories),
        _say_dated(items, sayable),
        sayable[-1] if len(sayable) > 3 else None,
        _say_liked(items, popularity),
    ]
    return [need for need in found if need is not None]


def _say_parted(
    items: Sequence[ItemFacts],
    names: Sequence[str],
    categories: Mapping[str, int],
) -> str | None:
    """Wants the largest category that another one overlaps, without it."""
    pairs = Counter(
        pair
        for item in items
        for pair in itertools.permutations(set(item.categories), 2)
    )
    low, high = _PARTED
    place = {name: number for number, name in enumerate(names)}
    parted = [
        (place[wanted], place[other])
        for (wanted, other), count in pairs.items()
        if {wanted, other} <= place.keys()
        and low <= count / categories[wanted] <= high
    ]
    if not parted:
        return None
    wanted, other = min(parted)
    return f"{names[wanted]}, but no {names[other]}"


def _say_dated(items: Sequence[ItemFacts], names: Sequence[str]) -> str | None:
    """Wants the third category in its second most frequent decade."""
    if not names:
        return None
    wanted = names[min(2, len(names) - 1)]
    decades = Counter(
        year // 10
        for item in items
        if wanted in item.categories and (year := find_year(item.title))
    )
    frequent = decades.most_common(2)
    return f"{wanted} from the {frequent[-1][0]}0s" if frequent else None


def _say_liked(
    items: Sequence[ItemFacts], popularity: Mapping[str, float]
) -> str | None:
    """Wants what is like a popular title."""
    titles = {item.item_id: item.title for item in items}
    for item_id in popularity:
        title = say_title(titles.get(item_id, ""))
        if 0 < len(title) <= _MAX_TITLE and "(" not in title:
            return f"like {title}"
    return None
