"""What the gateway takes and answers of events and feedback, as JSON."""

from typing import Annotated

from pydantic import Field

from serving.gateway.api.models import MAX_LIST
from serving.gateway.api.models import AnswerModel
from serving.gateway.api.models import EventType
from serving.gateway.api.models import Id
from serving.gateway.api.models import Number
from serving.gateway.api.models import OptionalId
from serving.gateway.api.models import Seconds
from serving.gateway.api.models import StrictModel
from serving.gateway.api.models import Text
from serving.gateway.api.models import get_example
from serving.gateway.api.models import give_example
from serving.gateway.records.event import DEFAULT_EVENT_TYPE


class EventIn(StrictModel):
    """One thing that a user did."""

    model_config = give_example(
        user_id="ann",
        item_id="318",
        event_type="rate",
        timestamp=1764410400.0,
        value=4.5,
        text="",
        scenario="home",
        session_id="s-1",
        slate_id="9f3c",
        event_id="e-1",
    )

    user_id: Id
    """Who did it."""
    item_id: Id
    """With which item."""
    event_type: EventType = DEFAULT_EVENT_TYPE
    """What was done."""
    timestamp: Seconds | None = None
    """Seconds since 1970; null = now."""
    value: Number | None = None
    """A rating, seconds or a price, as the type has it; null = none."""
    text: Text = ""
    """What the user wrote: a search, a message, a review."""
    scenario: OptionalId = ""
    """Where it was done, as slates are asked for; "" = none."""
    session_id: OptionalId = ""
    """Which events were done in one go; "" = not known."""
    slate_id: OptionalId = ""
    """The slate that showed the item: the event is its reward; "" = none."""
    event_id: Id | None = None
    """Sent twice, it counts once; null = the gateway makes one."""


class EventsIn(StrictModel):
    """Events, oldest first or in any order."""

    model_config = give_example(events=[get_example(EventIn)])

    events: Annotated[list[EventIn], Field(min_length=1, max_length=MAX_LIST)]
    """Of any users."""


class EventsOut(AnswerModel):
    """The answer once the events are stored durably."""

    model_config = give_example(accepted=1, duplicates=0)

    accepted: int
    """How many were new."""
    duplicates: int
    """How many had an `event_id` that is known."""


class FeedbackIn(StrictModel):
    """Feedback of a user to an item of a slate."""

    model_config = give_example(
        slate_id="9f3c",
        item_id="318",
        feedback="like",
        user_id="ann",
        value=4.5,
        event_id="e-2",
    )

    slate_id: Id
    """The slate that showed the item."""
    item_id: Id
    """An item of that slate."""
    feedback: str
    """A kind of the settings; `GET /v1/overview` lists them."""
    user_id: Id
    """Whom the slate was shown."""
    value: Number | None = None
    """A rating that is such a feedback; null = the usual one of that kind."""
    event_id: Id | None = None
    """Sent twice, it counts once; null = the gateway makes one."""


class FeedbackOut(AnswerModel):
    """The answer once the feedback is stored durably."""

    model_config = give_example(accepted=1, event_id="e-2")

    accepted: int
    """1 = kept for good; 0 = it was known already."""
    event_id: str
    """By which `POST /v1/undo` takes it back."""


class UndoIn(StrictModel):
    """An event, feedback or other, that a user takes back."""

    model_config = give_example(user_id="ann", event_id="e-2")

    user_id: Id
    """Whose event it is."""
    event_id: Id
    """As `POST /v1/feedback` or the user's events tell it."""


class UndoOut(AnswerModel):
    """The answer once the event is taken back for good."""

    model_config = give_example(accepted=1)

    accepted: int
    """How many events were taken back."""
