"""An event of a user, as the gateway receives, stores and logs it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from schemas.events import EVENT_TYPES
from schemas.events import MARK_TYPES
from schemas.events import UNDO

DEFAULT_EVENT_TYPE = "view"
MAX_ID_LENGTH = 512  # characters of an id
MAX_TEXT_LENGTH = 10_000  # characters of a text
# What callers may say; events are taken back by their ids.
GIVEN_TYPES = (
    *EVENT_TYPES,
    *(kind for kind in MARK_TYPES if kind != UNDO),
)
_BOUNDS = (  # characters
    ("event_id", MAX_ID_LENGTH),
    ("user_id", MAX_ID_LENGTH),
    ("item_id", MAX_ID_LENGTH),
    ("event_type", 64),
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that one user did to one item.

    What a later version of this code wrote may be of a type, and have fields,
    that are not known here: such an event is kept as it is, and passed over
    wherever events are read. Routes and settings let only known types in.

    Attributes:
        event_id: what the event is known by; sent twice, it counts once.
        timestamp: seconds since the epoch.
        event_type: one of `EVENT_TYPES` or `MARK_TYPES`, or of a later version.
        value: a rating, seconds, a price; None = none.
        slate_id: the slate that the event answers, "" = none.
        unknown_fields: of a later version, as JSON has them.
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
    unknown_fields: Mapping[str, object] = field(
        default_factory=dict, compare=False
    )

    def __post_init__(self):
        for name, most in _BOUNDS:
            given = getattr(self, name)
            if not isinstance(given, str) or not 0 < len(given) <= most:
                received = len(given) if isinstance(given, str) else type(given)
                raise ValueError(
                    f"`{name}` must be a text of 1 to {most} characters. "
                    f"Received: {received}."
                )
        for name in ("timestamp", "value"):
            given = getattr(self, name)
            if given is not None and not math.isfinite(given):
                raise ValueError(f"`{name}` must be finite. Received: {given}.")

    @property
    def is_known(self) -> bool:
        """Whether this code knows what the type means."""
        return self.event_type in EVENT_TYPES or self.is_mark

    @property
    def is_mark(self) -> bool:
        """Whether no model is told of it."""
        return self.event_type in MARK_TYPES
