"""Requests to a recommender, and its answers, as plain data."""

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

DEFAULT_EVENT_TYPE = "view"
_PER_EVENT = ("item_ids", "event_types", "timestamps", "values")


@dataclass(frozen=True, kw_only=True)
class Query:
    """A user's recent events, oldest first, and the present situation.

    An empty query is legal: a new user still gets an answer. Sequences but
    `item_ids` may be left empty; otherwise they have one entry per event.
    """

    item_ids: Sequence[str] = ()
    event_types: Sequence[str] = ()  # schemas.events.EVENT_TYPES; left empty:
    # every event is a view
    timestamps: Sequence[int] = ()  # seconds since the epoch; left empty: 0
    values: Sequence[float | None] = ()  # None = the event has no value
    need: str = ""  # the present need in words; "" = none
    scenario: str = ""  # "" = none
    query_time: int = 0  # seconds; 0 = the time of the last event
    profile: Mapping[str, str] = field(default_factory=dict)  # what is known
    # of the user, by the names of the dataset's user attributes

    def __post_init__(self):
        for name in _PER_EVENT[1:]:
            given = len(getattr(self, name))
            if given not in (0, len(self.item_ids)):
                raise ValueError(
                    f"`{name}` must be empty or have one entry per item id "
                    f"({len(self.item_ids)}). Received: {given} entries."
                )
        if "" in self.item_ids:
            raise ValueError(
                "`item_ids` must not hold empty ids: they mark padding. "
                f"Received: {list(self.item_ids)}."
            )


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """Which items a slate may hold; applied before the best k are chosen."""

    excluded_item_ids: Sequence[str] = ()
    allowed_categories: Sequence[str] = ()  # empty = any
    min_price: float | None = None
    max_price: float | None = None
    exclude_history: bool = True  # never recommend what the query holds


@dataclass(frozen=True, kw_only=True, slots=True)
class KindShares:
    """What brought an item forward; they sum to one, or all are 0."""

    history: float = 0.0  # what the user did
    need: float = 0.0  # what the user asked for
    popularity: float = 0.0  # what many people like


NO_SHARES = KindShares()


@dataclass(frozen=True, kw_only=True, slots=True)
class SlateItem:
    """One recommended or ranked item."""

    item_id: str
    score: float
    probability: float | None  # chance of a positive event; None = not judged
    rating: float | None  # expected value of the event; None = not judged
    reasons: Sequence[tuple[int, float]] = ()  # (index into the query's
    # item_ids, weight): the events that carried the item, heaviest first;
    # together at most the share of the history
    shares: KindShares = NO_SHARES


@dataclass(frozen=True, kw_only=True)
class Slate:
    """The ordered list for one query, and the version that made it."""

    items: Sequence[SlateItem]
    model_version: int
    is_need_read: bool = True  # False = the language model has no words of
    # the need: the slate is as if none had been said


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Explanation of one item's score for one query."""

    item_id: str
    score: float
    score_without_history: float
    score_without_need: float
    place: float  # from 1 on, among all items outside the history; 0 = the
    # version does not say. Other than scores, places of requests compare
    place_without_history: float
    place_without_need: float
    score_drops: Sequence[float]  # what the score loses without each event of
    # the query's item_ids; below 0 = the event lowered it
    history_weights: Sequence[float]  # share of each event; they sum to the
    # share of the history
    shares: KindShares
    source_shares: Mapping[str, float]  # how much the item's text, id, ...
    # count; they sum to one


@dataclass(frozen=True, kw_only=True)
class VersionStatus:
    """State of one version on the server."""

    version: int
    state: str  # START, LOADING, AVAILABLE, UNLOADING, END
    error_code: int  # 0 = none
    error_message: str


def leave_kinds_out(query: Query) -> list[Query]:
    """Builds a query as it is, without history, without need, without both."""
    nothing = dict.fromkeys(
        ("item_ids", "event_types", "timestamps", "values"), ()
    )
    return [
        dataclasses.replace(query, **changes)
        for changes in ({}, nothing, {"need": ""}, {**nothing, "need": ""})
    ]
