"""Limits of the state, and the half-life of popularity."""

from dataclasses import dataclass
from dataclasses import fields

DAY = 86_400.0  # seconds


@dataclass(frozen=True, kw_only=True)
class StateLimits:
    """Limits of a state store; beyond each, the oldest or least is removed.

    A store may hold a little more until it prunes. The number of users has no
    limit here.

    Attributes:
        events_per_user: newest by timestamp.
        seen_events: event ids by which a repeated event is known.
        exposures: newest by arrival; one of 10 items takes about 1 KB.
        items: newest by their last change.
        profiles: of users; newest by their last change.
        popular_items: of each scenario, by popularity.
        scenarios: with popularity counts of their own, newest by use.
        half_life: seconds until an event counts half in popularity. Counts of
            another half-life cannot be converted and begin at zero.
    """

    events_per_user: int = 10_000
    seen_events: int = 500_000
    exposures: int = 100_000
    items: int = 100_000
    profiles: int = 100_000
    popular_items: int = 10_000
    scenarios: int = 1_000
    half_life: float = 7 * DAY

    def __post_init__(self):
        for field in fields(self):
            given = getattr(self, field.name)
            if not given > 0:
                raise ValueError(
                    f"`{field.name}` must be above 0. Received: {given}."
                )
