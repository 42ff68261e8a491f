"""Whether a request allows an item, where the model's graph is not asked.

The graph has the same rules (`trainer/export/candidate_filter.py`); one table
of cases is run against both.
"""

import math
from collections.abc import Collection
from collections.abc import Iterable
from typing import Protocol

import numpy as np

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
    if item_id in forbidden:
        return False
    categories = () if facts is None else facts.categories
    wanted = set(constraints.allowed_categories) - {""}
    if wanted and wanted.isdisjoint(categories):
        return False
    low = _read_number(constraints.min_price)
    high = _read_number(constraints.max_price)
    if low is None and high is None:
        return True
    price = None if facts is None else _read_number(facts.price)
    if price is None:
        return False
    return (low is None or price >= low) and (high is None or price <= high)


def _read_number(value: float | None) -> float | None:
    """Rounds to float32, which is what catalogues and signatures hold.

    Else 19.99 of a request would lie beside the 19.99 of a catalogue.
    """
    if value is None or math.isnan(value):
        return None
    return float(np.float32(value))
