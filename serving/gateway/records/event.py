"""What a user did, as the gateway takes it, keeps it and logs it."""

import math
from dataclasses import dataclass

from schemas.events import EVENT_TYPES

DEFAULT_EVENT_TYPE = "view"
MAX_ID_LENGTH = 512  # characters of an id
MAX_TEXT_LENGTH = 10_000  # characters of a text


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that one user did to one item.

    Attributes:
        event_id: what the event is known by; sent twice, it counts once.
        timestamp: seconds since the epoch.
        value: a rating, seconds, a price; None = none.
        slate_id: the slate that the event answers, "" = none.
    """

    event_id: str
    user_id: str
    item_id: str
    timestamp: float
    event_type: str = DEFAULT_EVENT_TYPE
    value: float | None = None
    text: str = ""
    scenario: str = ""
    session_id: str = ""
    slate_id: str = ""

    def __post_init__(self):
        for name in ("event_id", "user_id", "item_id"):
            given = getattr(self, name)
            if not 0 < len(given) <= MAX_ID_LENGTH:
                raise ValueError(
                    f"`{name}` must have 1 to {MAX_ID_LENGTH} characters. "
                    f"Received: {len(given)}."
                )
        if self.event_type not in EVENT_TYPES:
            raise ValueError(
                f"`event_type` must be one of {', '.join(EVENT_TYPES)}. "
                f"Received: {self.event_type[:64]!r}."
            )
        for name in ("timestamp", "value"):
            given = getattr(self, name)
            if given is not None and not math.isfinite(given):
                raise ValueError(f"`{name}` must be finite. Received: {given}.")
