"""Applies the rules that hold now to the candidates of a slate."""

import math
from collections.abc import Sequence

from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.category_caps import CategoryCaps
from serving.gateway.ranking.ranking_config import BoostRule
from serving.gateway.ranking.ranking_config import BuryRule
from serving.gateway.ranking.ranking_config import CapRule
from serving.gateway.ranking.ranking_config import PinRule
from serving.gateway.ranking.ranking_config import RuleBase


class ActiveRules:
    """The rules of a policy that hold at one time."""

    def __init__(
        self,
        rules: Sequence[RuleBase],
        now: float,
        named_item_ids: Sequence[str] = (),
    ):
        """Keeps the rules that hold at `now`, in seconds since the epoch.

        Args:
            rules: of the policy.
            now: seconds since the epoch.
            named_item_ids: what the user asked for by name.
        """
        self._named = tuple(named_item_ids)
        active = [rule for rule in rules if rule.is_active(now)]
        self._pins = [one for one in active if isinstance(one, PinRule)]
        self._boosts = [one for one in active if isinstance(one, BoostRule)]
        self._caps = [one for one in active if isinstance(one, CapRule)]
        burials = [one for one in active if isinstance(one, BuryRule)]
        self._bans = [one for one in burials if one.is_dropped]
        self._burials = [one for one in burials if not one.is_dropped]

    def list_pinned_items(self) -> list[str]:
        """Lists the ids of items that shall be pinned, or were named."""
        return [*(rule.item_id for rule in self._pins), *self._named]

    def drop(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Drops candidates that a rule excludes, and repeated ids."""
        by_id: dict[str, Candidate] = {}
        for one in candidates:
            by_id.setdefault(one.item_id, one)
        return [one for one in by_id.values() if self._may_stay(one)]

    def sum_boosts(self, candidate: Candidate) -> float:
        """Returns what boosts add to the log-odds of an item."""
        return sum(
            math.log(rule.factor)
            for rule in self._boosts
            if rule.matches(candidate.item_id, candidate.categories)
        )

    def find_pins(
        self, candidates: Sequence[Candidate], k: int
    ) -> dict[int, int]:
        """Finds the pinned items within the first k places.

        What the user named takes the first places that no rule pins.

        Returns:
            Position in the slate to position among the candidates.
        """
        rows = {one.item_id: row for row, one in enumerate(candidates)}
        pins: dict[int, int] = {}
        for rule in self._pins:
            row = rows.get(rule.item_id, -1)
            if rule.position < k and row >= 0 and row not in pins.values():
                pins.setdefault(rule.position, row)
        free = (place for place in range(k) if place not in set(pins))
        wanted = [rows[one] for one in self._named if one in rows]
        left = [row for row in wanted if row not in pins.values()]
        return pins | dict(zip(list(free), left, strict=False))

    def split_buried(
        self, candidates: Sequence[Candidate], pinned: set[int]
    ) -> tuple[list[int], list[int]]:
        """Splits items that are not pinned: competing, and buried ones."""
        parts: tuple[list[int], list[int]] = ([], [])
        for row, one in enumerate(candidates):
            if row not in pinned:
                is_buried = any(
                    rule.matches(one.item_id, one.categories)
                    for rule in self._burials
                )
                parts[is_buried].append(row)
        return parts

    def build_caps(self) -> CategoryCaps:
        """Returns the caps, with nothing counted yet."""
        return CategoryCaps(self._caps)

    def _may_stay(self, candidate: Candidate) -> bool:
        return not any(
            rule.matches(candidate.item_id, candidate.categories)
            for rule in self._bans
        )
