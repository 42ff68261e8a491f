"""Limits on the number of items of a category in a slate."""

import copy
from collections import Counter
from collections.abc import Iterable

from serving.gateway.ranking.ranking_config import CapRule


class CategoryCaps:
    """Counts the items of each category against cap rules."""

    def __init__(self, rules: Iterable[CapRule]):
        """Starts from an empty slate under the given rules."""
        self._rules = tuple(rules)
        self._counts: Counter[str] = Counter()

    def copy(self) -> "CategoryCaps":
        """Returns a copy with its own counts."""
        other = copy.copy(self)
        other._counts = self._counts.copy()
        return other

    def allows(self, categories: Iterable[str]) -> bool:
        """Whether an item may enter: none of its categories is full."""
        return not any(
            self._counts[category] >= rule.max_items
            for rule in self._rules
            for category in categories
            if not rule.categories or category in rule.categories
        )

    def add(self, categories: Iterable[str]) -> None:
        """Counts an item that has entered, allowed or not."""
        self._counts.update(set(categories))
