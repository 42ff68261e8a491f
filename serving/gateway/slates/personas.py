"""Users of some kind, to look at slates through their eyes."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.records.event import Event

VISITOR = "visitor-"  # ids of the page's own visitors begin with it
_NUM_USERS = 50  # that are looked at, the most recently active
_NUM_EVENTS = 3000  # of each
_MIN_EVENTS = 10  # of whoever has a taste of a kind


@dataclass(frozen=True, kw_only=True)
class Persona:
    """A user who stands for a kind of users.

    Attributes:
        kind: "heavy" has the most events, "new" the fewest, and "niche" those
            whose items the fewest others of them met.
        num_events: at most 3,000 are counted.
        newest: item ids of the newest events, the newest first.
    """

    kind: str
    user_id: str
    num_events: int
    newest: Sequence[str]


def find_personas(store: BehaviorStore) -> list[Persona]:
    """Finds a persona of each kind among the 50 most recently active users.

    Returns:
        One user stands for one kind; fewer users give fewer personas.

    Raises:
        OSError: the state does not answer.
    """
    histories = {}
    for user_id in store.list_users(_NUM_USERS):
        if not user_id.startswith(VISITOR):
            events = store.read_events(user_id, _NUM_EVENTS)
            told = [event for event in events if not event.is_mark]
            if told:
                histories[user_id] = told
    personas: list[Persona] = []
    for kind, sort in (
        ("heavy", lambda one: -len(histories[one])),
        ("niche", _measure_reach(histories).get),
        ("new", lambda one: len(histories[one])),
    ):
        taken = {one.user_id for one in personas}
        left = [
            one
            for one in histories
            if one not in taken
            and (kind != "niche" or len(histories[one]) >= _MIN_EVENTS)
        ]
        if left:
            user_id = min(left, key=sort)
            personas.append(_describe(kind, user_id, histories[user_id]))
    return personas


def _measure_reach(
    histories: Mapping[str, Sequence[Event]],
) -> dict[str, float]:
    """Measures how many users met a user's items, on average."""
    met = {
        user_id: {event.item_id for event in events}
        for user_id, events in histories.items()
    }
    counts = Counter(item_id for items in met.values() for item_id in items)
    return {
        user_id: sum(counts[item_id] for item_id in items) / len(items)
        for user_id, items in met.items()
    }


def _describe(kind: str, user_id: str, events: Sequence[Event]) -> Persona:
    newest = dict.fromkeys(event.item_id for event in reversed(events))
    return Persona(
        kind=kind,
        user_id=user_id,
        num_events=len(events),
        newest=list(newest)[:3],
    )
