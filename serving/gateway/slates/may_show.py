"""Whether a request allows an item, where no model is asked."""

from collections.abc import Collection
from collections.abc import Iterable

from serving.gateway.records.item_facts import ItemFacts
from serving.query import Constraints


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
    facts: ItemFacts | None,
    constraints: Constraints,
    forbidden: Collection[str],
) -> bool:
    """Tells whether an item may be shown, as the model's own slates do.

    Args:
        item_id: of the item.
        facts: None = nothing is known of it: neither price nor category.
        constraints: what the slate may hold.
        forbidden: as of `find_forbidden`.
    """
    if item_id in forbidden:
        return False
    categories = () if facts is None else facts.categories
    wanted = constraints.allowed_categories
    if wanted and set(wanted).isdisjoint(categories):
        return False
    low, high = constraints.min_price, constraints.max_price
    if low is None and high is None:
        return True
    price = None if facts is None else facts.price
    if price is None:
        return False
    return (low is None or price >= low) and (high is None or price <= high)
