"""A slate in its final order, with the data for the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from serving.gateway.ranking.candidate import Candidate
from serving.gateway.records.exposure import ExposedItem


@dataclass(frozen=True, kw_only=True)
class RankedItem:
    """One place of a slate.

    Attributes:
        score: log-odds by the blend, with boosts; not the only thing that
            orders a slate.
        features: of FEATURE_NAMES, what the blend saw.
        propensity: see `ExposedItem.propensity`.
    """

    candidate: Candidate
    score: float
    features: Mapping[str, float]
    propensity: float

    def as_exposed(self) -> ExposedItem:
        """Returns the record for the log."""
        return ExposedItem(
            item_id=self.candidate.item_id,
            score=self.score,
            features=self.features,
            propensity=self.propensity,
        )


@dataclass(frozen=True, kw_only=True)
class RankedSlate:
    """Items in the order to show.

    Attributes:
        policy: name of the policy that ordered them.
        explored_position: see `Exposure.explored_position`.
        candidates: see `Exposure.candidates`.
    """

    items: tuple[RankedItem, ...]
    policy: str
    explored_position: int = -1
    candidates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
