"""Turns what the gateway knows of a user into what the model is asked."""

import dataclasses
import math
from collections.abc import Sequence

from schemas import signatures
from serving.gateway.records.event import Event
from serving.gateway.slates.catalogue import Catalogue
from serving.query import Constraints
from serving.query import Query

MAX_HISTORY = 4096  # events read; those that the model does not are excluded


def build_query(
    events: Sequence[Event], need: str, scenario: str, now: float
) -> Query:
    """Builds the query of a user, of the newest events that a model reads.

    Args:
        events: what the user did, oldest first.
        need: the present need in words; "" = none.
        scenario: where the slate is shown; "" = none.
        now: seconds since the epoch.
    """
    newest = events[-signatures.MAX_EVENTS :]
    return Query(
        item_ids=[event.item_id for event in newest],
        event_types=[event.event_type for event in newest],
        timestamps=[int(event.timestamp) for event in newest],
        values=[event.value for event in newest],
        need=need,
        scenario=scenario,
        query_time=int(now),
    )


def widen_exclusions(
    constraints: Constraints, events: Sequence[Event], excluded: Sequence[str]
) -> Constraints:
    """Excludes what the query is too short to hold, and what users refused.

    Args:
        constraints: as the caller gave them.
        events: what the user did, oldest first.
        excluded: items that the user wants to see no more.
    """
    older: list[str] = []
    if constraints.exclude_history:
        older = [e.item_id for e in events[: -signatures.MAX_EVENTS]]
    ids = dict.fromkeys([*constraints.excluded_item_ids, *excluded, *older])
    return dataclasses.replace(constraints, excluded_item_ids=list(ids))


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
