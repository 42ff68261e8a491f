"""Records for a state, and what brings them in."""

from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

DAY = 86_400.0
NOW = 1_700_000_000.0


def make_event(number, user_id="ann", **others):
    given = {"item_id": "i", "timestamp": NOW + number} | others
    return Event(event_id=f"{user_id}-{number}", user_id=user_id, **given)


def make_exposure(slate_id, user_id="ann"):
    return Exposure(
        slate_id=slate_id,
        user_id=user_id,
        timestamp=NOW,
        arms={"test": "b"},
        items=(ExposedItem(item_id="é", score=0.5),),
    )


def apply(state, *events, log_id="log"):
    previous = state.open_log(log_id)[0]
    numbered = list(enumerate(events, previous + 1))
    assert state.apply_events(log_id, previous, numbered)


def expose(state, *exposures, log_id="log"):
    previous = state.open_log(log_id)[1]
    numbered = list(enumerate(exposures, previous + 1))
    assert state.apply_exposures(log_id, previous, numbered)
