"""Settings of the order of slates: policies, weights and rules."""

import math
from dataclasses import field
from typing import Annotated
from typing import Literal

from pydantic import Field
from pydantic import NonNegativeInt
from pydantic import PositiveFloat
from pydantic import PositiveInt
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from serving.gateway.ranking.features import FeatureName

MAX_WEIGHT = 5.0  # in absolute value

Weight = Annotated[float, Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class RuleBase:
    """When a rule holds."""

    begins_at: float = -math.inf  # seconds since the epoch
    ends_at: float = math.inf  # the first second it no longer holds

    @model_validator(mode="after")
    def _check_times(self):
        if not self.begins_at < self.ends_at:  # NaN included
            raise ValueError(
                "`begins_at` must be before `ends_at`. Received: begins_at="
                f"{self.begins_at}, ends_at={self.ends_at}."
            )
        return self

    def is_active(self, now: float) -> bool:
        """Whether the rule holds at a time in seconds since the epoch."""
        return self.begins_at <= now < self.ends_at


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class SelectiveRule(RuleBase):
    """A rule about the items of some categories and some items by id."""

    categories: frozenset[str] = frozenset()
    item_ids: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _check_selection(self):
        if not self.categories and not self.item_ids:
            raise ValueError(
                "`categories` or `item_ids` must name something. Received: "
                "neither."
            )
        return self

    def matches(self, item_id: str, categories: tuple[str, ...]) -> bool:
        """Whether the rule is about an item."""
        return item_id in self.item_ids or not self.categories.isdisjoint(
            categories
        )


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PinRule(RuleBase):
    """Puts an item into a place, if it is among the candidates.

    The first pin of a place counts. An item that another rule drops is not
    pinned; caps count pinned items, but never keep them out.
    """

    kind: Literal["pin"] = "pin"
    item_id: str
    position: NonNegativeInt = 0  # 0 = the top


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class BoostRule(SelectiveRule):
    """Multiplies the odds of items; below 1 it demotes them.

    Blended scores are log-odds and may be negative: multiplying the score
    itself would demote what it is meant to promote.
    """

    kind: Literal["boost"] = "boost"
    factor: Annotated[float, Field(ge=1e-6, le=1e6)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class BuryRule(SelectiveRule):
    """Puts items after all others, or leaves them out."""

    kind: Literal["bury"] = "bury"
    is_dropped: bool = False


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class CapRule(RuleBase):
    """Allows a slate so many items of each category."""

    kind: Literal["cap"] = "cap"
    max_items: NonNegativeInt
    categories: frozenset[str] = frozenset()  # none named = of every category


Rule = Annotated[
    PinRule | BoostRule | BuryRule | CapRule,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class DiversityConfig:
    """How items that resemble each other are kept apart."""

    method: Literal["mmr", "dpp"] = "mmr"  # dpp = weighs all pairs of the
    # slate at once, mmr = the most similar one only
    weight: Share = 0.0  # 0 = score alone, 1 = diversity alone


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class NewItemConfig:
    """How a policy finds out which items that no model has met are good."""

    share: Share = 0.0  # of the slates give one of the first ten places to a
    # new item, for as long as it may be better than what slates usually hold
    max_shows: PositiveInt = 500  # after which enough is known of an item
    max_days: PositiveFloat = 30.0  # after its first show, likewise


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PolicyConfig:
    """One way to order a slate."""

    weights: dict[FeatureName, Weight] = field(
        default_factory=lambda: {"model": 1.0, "probability": 0.5}
    )  # those not named are 0; a policy that learns starts from them. What the
    # second one costs and gains: docs/quality.md, "What people see"
    learns: bool = False
    exploration: Share = 0.05  # of the slates draw one place at random
    new_items: NewItemConfig = field(default_factory=NewItemConfig)
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 0.04  # step of
    # the weights per shown item
    carried_over: Share = 1.0  # of what was learnt with one version of the
    # model the next one begins with this share; 0 = it starts from zero
    diversity: DiversityConfig = field(default_factory=DiversityConfig)
    rules: tuple[Rule, ...] = ()  # among pins of one place the first counts

    @model_validator(mode="after")
    def _check_shares(self):
        if self.exploration + self.new_items.share > 1.0:
            raise ValueError(
                "`exploration` and `new_items.share` must be at most 1 "
                f"together. Received: {self.exploration} and "
                f"{self.new_items.share}."
            )
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class RankingConfig:
    """All policies, and which one a scenario gets."""

    policies: dict[str, PolicyConfig] = field(
        default_factory=lambda: {
            "fixed": PolicyConfig(),
            "learnt": PolicyConfig(learns=True),
        }
    )
    scenarios: dict[str, str] = field(default_factory=dict)  # to its policy
    default_policy: str = "learnt"  # of all other scenarios

    @model_validator(mode="after")
    def _check_policies(self):
        named = {self.default_policy, *self.scenarios.values()}
        if unknown := sorted(named - set(self.policies)):
            raise ValueError(
                "`default_policy` and `scenarios` must name some of "
                f"{', '.join(sorted(self.policies)) or 'no policies'}. "
                f"Received: {', '.join(unknown)}."
            )
        return self
