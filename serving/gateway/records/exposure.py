"""A slate that was shown, with the propensities of its items."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True, kw_only=True, slots=True)
class ExposedItem:
    """One place of a slate.

    Attributes:
        score: by which the item was ordered.
        features: what the blend saw of the item, by name.
        propensity: the chance in (0, 1] that the policy showed this item in
            this place, given the places before it; 1 = it never explores.
        team: the policy that an interleaved slate has it from, "" = the
            slate has one policy.
    """

    item_id: str
    score: float
    features: Mapping[str, float] = field(default_factory=dict)
    propensity: float = 1.0
    team: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """One slate as it was shown.

    Attributes:
        timestamp: seconds since the epoch.
        policy: name of the ranking policy that ordered it.
        arms: experiment name to the arm that the user is in.
        items: in the order shown.
        explored_position: the place that the policy draws at random now and
            then; told on every slate of such a policy, whether it was drawn
            or not; -1 = the policy never explores.
        candidates: what that place is filled from: item id to its features;
            the item shown there is one of them.
        source: "model", "last_known_good" or "popular".
    """

    slate_id: str
    user_id: str
    timestamp: float
    scenario: str = ""
    model_version: int = 0
    policy: str = ""
    arms: Mapping[str, str] = field(default_factory=dict)
    items: tuple[ExposedItem, ...] = ()
    explored_position: int = -1
    candidates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    source: str = "model"
