"""The final order of a slate, by one policy or by two."""

import dataclasses
import random
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from serving.gateway.experiments.interleaving import interleave
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.ranked_slate import RankedItem
from serving.gateway.ranking.ranked_slate import RankedSlate
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.slates.candidate_finder import FoundItems
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.user_arms import UserArms
from serving.query import SlateItem


@dataclass(frozen=True, kw_only=True)
class OrderedSlate:
    """A slate in its final order.

    Attributes:
        items: with the data for callers.
        exposed: the same, with the data for the log.
        policy: that ordered them; of two the experiment's own.
        explored_position: see `Exposure`.
        candidates: see `Exposure`.
    """

    items: Sequence[RankedItem]
    exposed: tuple[ExposedItem, ...]
    policy: str
    explored_position: int = -1
    candidates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def build_candidates(
    found: FoundItems,
    pinned: Sequence[str],
    catalogue: Catalogue,
    popularity: Mapping[str, float],
) -> list[Candidate]:
    """Joins the model's items with the gateway's facts.

    What is out of stock or deleted is left out.

    Args:
        found: the model's items.
        pinned: items that a rule wants; those not found come last.
        catalogue: tells the facts.
        popularity: item id to decayed count.
    """
    extra = {item.item_id for item in found.extra}
    met = extra.union(item.item_id for item in found.items)
    lowest = min((item.score for item in found.items), default=0.0)
    added = [
        SlateItem(item_id=item_id, score=lowest, probability=None, rating=None)
        for item_id in pinned
        if item_id not in met and catalogue.get(item_id) is not None
    ]
    return [
        Candidate(
            item_id=item.item_id,
            score=item.score,
            probability=item.probability,
            rating=item.rating,
            reasons=tuple(item.reasons),
            shares=item.shares,
            facts=catalogue.get(item.item_id),
            popularity=popularity.get(item.item_id, 0.0),
            is_new=item.item_id in found.new_item_ids,
            is_extra=item.item_id in extra,
        )
        for item in (*found.items, *found.extra, *added)
        if not catalogue.is_hidden(item.item_id)
    ]


def order_slate(
    ranker: Ranker,
    candidates: Sequence[Candidate],
    context: RankingContext,
    k: int,
    arms: UserArms,
    rng: random.Random,
) -> OrderedSlate:
    """Orders candidates by the policies of the user's arms.

    An interleaved slate explores nothing: its places are filled by two
    policies in turn.

    Args:
        ranker: holds the policies.
        candidates: in any order.
        context: for whom and when.
        k: places.
        arms: of the user.
        rng: source of randomness of interleaving.
    """
    is_alone = arms.interleave_with is None
    ranked = ranker.rank(candidates, context, k, arms.policy, is_alone)
    if is_alone:
        return OrderedSlate(
            items=ranked.items,
            exposed=tuple(item.as_exposed() for item in ranked.items),
            policy=ranked.policy,
            explored_position=ranked.explored_position,
            candidates=ranked.candidates,
        )
    rival = ranker.rank(candidates, context, k, arms.interleave_with, False)
    return _merge(ranked, rival, k, rng)


def _merge(
    ranked: RankedSlate, rival: RankedSlate, k: int, rng: random.Random
) -> OrderedSlate:
    by_team = {
        slate.policy: {item.candidate.item_id: item for item in slate.items}
        for slate in (ranked, rival)
    }
    picks = interleave(
        {team: list(items) for team, items in by_team.items()}, k, rng
    )
    items = [by_team[pick.team][pick.item_id] for pick in picks]
    return OrderedSlate(
        items=items,
        exposed=tuple(
            dataclasses.replace(
                item.as_exposed(), team=pick.team, propensity=1.0
            )
            for item, pick in zip(items, picks, strict=True)
        ),
        policy=ranked.policy,
    )
