"""What callers and the log get of a slate."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from serving.gateway.ranking.ranked_slate import RankedItem
from serving.gateway.records.exposure import Exposure
from serving.gateway.slates.candidate_finder import FoundItems
from serving.gateway.slates.short_slate import LimitingRule
from serving.gateway.slates.slate_order import OrderedSlate
from serving.gateway.slates.user_arms import UserArms
from serving.gateway.slates.user_query import SlateRequest


@dataclass(frozen=True, kw_only=True)
class ServedSlate:
    """A slate for the caller.

    Attributes:
        exposure: its record in the log.
        items: in the order shown.
        history: item ids that the items' reasons count in.
        is_degraded: a stand-in replaced the model, or the state did not answer.
        unmet: a need that the model cannot read and that names no title; and
            what the need or a category refuses, and the slate may hold all
            the same.
        short_because: why it has fewer items than were asked for; empty = it
            has as many, or the gateway has no catalogue.
    """

    exposure: Exposure
    items: Sequence[RankedItem]
    history: Sequence[str]
    is_degraded: bool
    unmet: Sequence[str] = ()
    short_because: Sequence[LimitingRule] = ()


def build_exposure(
    request: SlateRequest,
    now: float,
    found: FoundItems,
    slate: OrderedSlate,
    arms: UserArms,
) -> Exposure:
    """Builds the record of a slate that is shown now, in seconds."""
    return Exposure(
        slate_id=uuid.uuid4().hex,
        user_id=request.user_id or request.viewer_id,
        timestamp=now,
        scenario=request.scenario,
        model_version=found.version,
        policy=slate.policy,
        arms=arms.names,
        items=slate.exposed,
        explored_position=slate.explored_position,
        candidates=slate.candidates,
        source=found.source,
    )
