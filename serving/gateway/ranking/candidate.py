"""One candidate for a slate, with its scores and facts."""

from dataclasses import dataclass

from serving.gateway.records.item_facts import ItemFacts
from serving.query import NO_SHARES
from serving.query import KindShares


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One item for one request, as the model and the gateway see it.

    Attributes:
        score: the model's, higher is better; one that is not finite, or the
            model's score of an unknown item, counts as the lowest.
        probability: of a positive event, in [0, 1]; None = not asked.
        rating: the one expected; None = not asked.
        reasons: (position in the history, share of the score) pairs.
        shares: of history, need and popularity in what brought it forward.
        facts: None = the gateway knows no more of it than its id.
        popularity: decayed count of recent events, at least 0.
        is_new: whether the model was trained without it.
        is_extra: a new item that the model ranks low: it may come into the
            place that is drawn, and into no other.
    """

    item_id: str
    score: float
    probability: float | None = None
    rating: float | None = None
    reasons: tuple[tuple[int, float], ...] = ()
    shares: KindShares = NO_SHARES
    facts: ItemFacts | None = None
    popularity: float = 0.0
    is_new: bool = False
    is_extra: bool = False

    @property
    def categories(self) -> tuple[str, ...]:
        """Those of the facts; none where there are no facts."""
        return self.facts.categories if self.facts else ()
