"""Slates and explanations as callers get them."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Sequence

from serving.gateway.api.slate_models import ExplanationOut
from serving.gateway.api.slate_models import LimitOut
from serving.gateway.api.slate_models import ReasonOut
from serving.gateway.api.slate_models import SharesOut
from serving.gateway.api.slate_models import SlateItemOut
from serving.gateway.api.slate_models import SlateOut
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.served_slate import ServedSlate
from serving.query import Explanation
from serving.query import KindShares

_MIN_WEIGHT = 0.005  # a smaller weight is not shown as a reason


def show_slate(catalogue: Catalogue, slate: ServedSlate) -> SlateOut:
    """Builds the answer of a slate; titles and facts are the catalogue's."""
    items = []
    exposure = slate.exposure
    for ranked, shown in zip(slate.items, exposure.items, strict=True):
        candidate, facts = ranked.candidate, ranked.candidate.facts
        item = SlateItemOut(
            item_id=candidate.item_id,
            title=catalogue.get_title(candidate.item_id),
            score=ranked.score,
            probability=candidate.probability,
            rating=candidate.rating,
            propensity=shown.propensity,
            reasons=_show_reasons(catalogue, candidate.reasons, slate.history),
            shares=_show_shares(candidate.shares),
            features=dict(ranked.features),
        )
        if facts is not None:
            item.categories = list(facts.categories)
            item.price = facts.price
            item.image_url = facts.image_url
        items.append(item)
    return SlateOut(
        slate_id=exposure.slate_id,
        scenario=exposure.scenario,
        model_version=exposure.model_version,
        policy=exposure.policy,
        arms=dict(exposure.arms),
        source=exposure.source,
        is_degraded=slate.is_degraded,
        unmet=list(slate.unmet),
        short_because=[
            LimitOut(**dataclasses.asdict(one)) for one in slate.short_because
        ],
        items=items,
    )


def _show_reasons(
    catalogue: Catalogue,
    reasons: Iterable[tuple[int, float]],
    history: Sequence[str],
) -> list[ReasonOut]:
    return [
        ReasonOut(
            item_id=history[position],
            title=catalogue.get_title(history[position]),
            weight=weight,
        )
        for position, weight in reasons
        if weight >= _MIN_WEIGHT
    ]


def _show_shares(shares: KindShares) -> SharesOut:
    return SharesOut(**dataclasses.asdict(shares))


def show_explanation(
    catalogue: Catalogue, one: Explanation, history: Sequence[str]
) -> ExplanationOut:
    """Builds the answer of an explanation.

    Args:
        catalogue: has the titles.
        one: what the model said.
        history: item ids that its weights count in.
    """
    reasons = sorted(enumerate(one.history_weights), key=lambda r: -r[1])
    return ExplanationOut(
        item_id=one.item_id,
        title=catalogue.get_title(one.item_id),
        score=one.score,
        score_without_history=one.score_without_history,
        score_without_need=one.score_without_need,
        place=one.place,
        place_without_history=one.place_without_history,
        place_without_need=one.place_without_need,
        reasons=_show_reasons(catalogue, reasons, history),
        shares=_show_shares(one.shares),
        sources=dict(one.source_shares),
    )
