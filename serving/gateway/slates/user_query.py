"""Builds the model's query from a user's events."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from schemas import signatures
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.records.event import Event
from serving.gateway.records.profile import Profile
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.need_reading import MAX_EXCLUDED
from serving.query import Constraints
from serving.query import Query

_NEED_TYPES = ("search", "message")  # whose text says what a user wants
MAX_HISTORY = 4096  # events read; the model reads the newest of them


@dataclass(frozen=True)
class PastUser:
    """What the state knows of a user: events, oldest first, and profile."""

    events: Sequence[Event] = ()
    profile: Profile = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SlateRequest:
    """Who wants a slate, and what is said besides.

    Attributes:
        user_id: whose history counts; "" = nobody known.
        viewer_id: who is shown a slate that no history counts for, and may
            answer it; of neither id = nothing is kept of the slate.
        session: events that are not kept, oldest first.
        profile: what is known of the user, on top of what is kept.
        diversity: 0 to 1; None = as the policy says.
        popularity: -1 to 1, added to the policy; None = nothing.
        reads_need: whether somebody said the need, who may refuse something
            in it, or name an item; False = it only says what is wanted.
        excluded_categories: as the catalogue writes them.
        policy: that orders it; "" = that of an arm, or of the scenario.
        version_label: of the version to ask; "" = that of an arm, or as
            configured.
        is_preview: nobody is shown it, so that nothing is kept of it.
    """

    user_id: str = ""
    viewer_id: str = ""
    session: Sequence[Event] = ()
    profile: Profile = field(default_factory=dict)
    need: str = ""
    scenario: str = ""
    k: int = 10
    constraints: Constraints = field(default_factory=Constraints)
    diversity: float | None = None
    popularity: float | None = None
    reads_need: bool = True
    excluded_categories: Sequence[str] = ()
    policy: str = ""
    version_label: str = ""
    is_preview: bool = False


def build_query(
    past: PastUser, request: SlateRequest, now: float, need_seconds: float
) -> Query:
    """Builds the query of a user, of the newest events that a model reads.

    Args:
        past: what is known of the user.
        request: what is said besides; its session is among the events.
        now: seconds since the epoch.
        need_seconds: how long what a user searched for is the need of a
            request that names none; 0 = at no time, not even that of an
            event whose clock is ahead.
    """
    newest = past.events[-signatures.MAX_EVENTS :]
    return Query(
        item_ids=[event.item_id for event in newest],
        event_types=[event.event_type for event in newest],
        timestamps=[int(event.timestamp) for event in newest],
        values=[event.value for event in newest],
        need=request.need or _find_said_need(newest, now, need_seconds),
        scenario=request.scenario,
        query_time=int(now),
        profile={**past.profile, **request.profile},
    )


def select_told(events: Sequence[Event]) -> list[Event]:
    """Selects what a model is told of a user: no marks."""
    return [event for event in events if not event.is_mark]


def list_refused(
    events: Sequence[Event], now: float, config: GatewayConfig
) -> list[str]:
    """Lists items that are unwanted now.

    Only a rating that does not refuse takes a refusal back: a click on an item
    that was seen says nothing new.

    Args:
        events: oldest first.
        now: seconds since the epoch.
        config: says what feedback an event is.
    """
    refused: dict[str, None] = {}
    taken_back = set()
    for event in reversed(events):
        kind = config.find_feedback(event.event_type, event.value)
        if kind is None or event.item_id in taken_back:
            continue
        if kind.hides(now - event.timestamp):
            refused[event.item_id] = None
        elif kind.is_rating:
            taken_back.add(event.item_id)
    return list(refused)


def widen_exclusions(
    constraints: Constraints, events: Sequence[Event], excluded: Sequence[str]
) -> Constraints:
    """Excludes items that do not fit into the query, and refused ones.

    Args:
        constraints: as the caller gave them.
        events: the user's events, oldest first.
        excluded: items that the user wants to see no more.
    """
    older: list[str] = []
    if constraints.exclude_history:
        older = [e.item_id for e in events[: -signatures.MAX_EVENTS]]
    return exclude_items(constraints, [*excluded, *older])


def exclude_items(
    constraints: Constraints, item_ids: Sequence[str]
) -> Constraints:
    """Adds items that a slate must not hold."""
    ids = dict.fromkeys([*constraints.excluded_item_ids, *item_ids])
    return dataclasses.replace(constraints, excluded_item_ids=list(ids))


def exclude_categories(
    constraints: Constraints, categories: Sequence[str], catalogue: Catalogue
) -> tuple[Constraints, list[str]]:
    """Excludes the items of categories.

    Args:
        constraints: as they are without.
        categories: names, in any case.
        catalogue: knows what is in them.

    Returns:
        Constraints, and those categories that have too many items to be
        excluded.
    """
    too_large = []
    for name in categories:
        ids = catalogue.find_in_category(name)
        known = constraints.excluded_item_ids
        if len(ids.union(known)) > MAX_EXCLUDED:
            too_large.append(name)
        else:
            constraints = exclude_items(constraints, sorted(ids))
    return constraints, too_large


def find_usual_price(
    events: Sequence[Event], catalogue: Catalogue
) -> float | None:
    """The geometric mean of the prices of a user's items; None = no price."""
    logs = [
        math.log(facts.price)
        for event in events
        if (facts := catalogue.get(event.item_id)) is not None
        and facts.price is not None
        and facts.price > 0.0
    ]
    return math.exp(sum(logs) / len(logs)) if logs else None


def _find_said_need(
    events: Sequence[Event], now: float, need_seconds: float
) -> str:
    """Returns the newest text of a search or a message; "" = none so new."""
    if need_seconds == 0:
        return ""
    for event in reversed(events):
        if event.timestamp < now - need_seconds:
            break
        if event.text and event.event_type in _NEED_TYPES:
            return event.text
    return ""
