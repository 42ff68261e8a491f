"""Whether a request allows an item, where the model's graph is not asked.

The graph has the same rules (`trainer/export/candidate_filter.py`); one table
of cases is run against both.
"""

import math
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from ctypes import c_float
from typing import Protocol

from serving.query import Constraints


class Described(Protocol):
    """What constraints look at: `NewItem` and `ItemFacts` have it."""

    @property
    def categories(self) -> Collection[str]:
        """Labels, as the catalogue writes them."""

    @property
    def price(self) -> float | None:
        """None = not known, so that no price range holds it."""


def find_forbidden(
    constraints: Constraints, history: Iterable[str]
) -> frozenset[str]:
    """Finds the ids that a slate must not hold.

    Args:
        constraints: what the slate may hold.
        history: items of the user.
    """
    met = history if constraints.exclude_history else ()
    return frozenset((*constraints.excluded_item_ids, *met))


def may_show(
    item_id: str,
    facts: Described | None,
    constraints: Constraints,
    forbidden: Collection[str],
) -> bool:
    """Tells whether an item may be shown, as the model's own slates do.

    Args:
        item_id: of the item.
        facts: None = nothing is known of it: neither price nor category.
        constraints: what the slate may hold. Categories are compared as they
            are written; "" stands for none, and a bound of NaN for no bound.
        forbidden: as of `find_forbidden`.
    """
    return build_filter(constraints, forbidden)(item_id, facts)


def build_filter(
    constraints: Constraints, forbidden: Collection[str] = ()
) -> Callable[[str, Described | None], bool]:
    """Builds `may_show` for many items: it reads the constraints only once."""
    wanted = set(constraints.allowed_categories) - {""}
    low = _read_number(constraints.min_price)
    high = _read_number(constraints.max_price)

    def allows(item_id: str, facts: Described | None) -> bool:
        if item_id in forbidden:
            return False
        if wanted and wanted.isdisjoint(facts.categories if facts else ()):
            return False
        if low is None and high is None:
            return True
        price = _read_number(facts.price) if facts else None
        if price is None:
            return False
        return (low is None or price >= low) and (high is None or price <= high)

    return allows


def _read_number(value: float | None) -> float | None:
    """Rounds to float32, which is what catalogues and signatures hold.

    Else 19.99 of a request would lie beside the 19.99 of a catalogue.
    """
    if value is None or math.isnan(value):
        return None
    return c_float(value).value
