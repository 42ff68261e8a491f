"""What the gateway takes and answers of events and feedback, as JSON."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import Field

from serving.gateway.api.models import MAX_LIST
from serving.gateway.api.models import EventType
from serving.gateway.api.models import Id
from serving.gateway.api.models import Number
from serving.gateway.api.models import OptionalId
from serving.gateway.api.models import Seconds
from serving.gateway.api.models import StrictModel
from serving.gateway.api.models import Text
from serving.gateway.records.event import DEFAULT_EVENT_TYPE


class EventIn(StrictModel):
    """One thing that a user did."""

    user_id: Id
    item_id: Id
    event_type: EventType = DEFAULT_EVENT_TYPE
    timestamp: Seconds | None = None  # seconds; None = now
    value: Number | None = None
    text: Text = ""
    scenario: OptionalId = ""
    session_id: OptionalId = ""
    slate_id: OptionalId = ""
    event_id: Id | None = None  # sent twice, it counts once; None = a new one


class EventsIn(StrictModel):
    """Events, oldest first or in any order."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=MAX_LIST)]


class EventsOut(BaseModel):
    """The answer once the events are stored durably."""

    accepted: int
    duplicates: int


class FeedbackIn(StrictModel):
    """Feedback of a user to an item of a slate."""

    slate_id: Id
    item_id: Id
    feedback: str  # a key of the configuration's `feedback`
    user_id: Id
    value: Number | None = None  # a rating must be one of that feedback's
    event_id: Id | None = None


class FeedbackOut(BaseModel):
    """1 = kept for good; 0 = it was known already."""

    accepted: int
    event_id: str  # by which `POST /v1/undo` takes it back


class UndoIn(StrictModel):
    """An event, feedback or other, that a user takes back."""

    user_id: Id
    event_id: Id


class UndoOut(BaseModel):
    """How many events were taken back, for good."""

    accepted: int
