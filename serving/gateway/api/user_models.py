"""What the gateway takes and answers of users, as JSON."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import Field

from serving.gateway.api.models import MAX_LIST
from serving.gateway.api.models import Id
from serving.gateway.api.models import ProfileIn
from serving.gateway.api.models import StrictModel


class UserProfileIn(StrictModel):
    """What is known of a user."""

    user_id: Id
    profile: ProfileIn  # in place of what was known; {} = nothing


class ProfilesIn(StrictModel):
    """Profiles to keep."""

    profiles: Annotated[
        list[UserProfileIn], Field(min_length=1, max_length=MAX_LIST)
    ]


class ProfilesOut(BaseModel):
    """How many are kept for good when this answer comes.

    Beyond `storage.max_profiles` those whose last change is the oldest leave,
    of this request or others: `dropped` is how many.
    """

    accepted: int
    dropped: int


class UserOut(BaseModel):
    """A user who did something lately."""

    user_id: str


class UsersOut(BaseModel):
    """Most recently active first."""

    users: list[UserOut]


class PastEventOut(BaseModel):
    """One event of a user."""

    event_id: str  # by which `POST /v1/undo` takes it back
    item_id: str
    title: str
    event_type: str
    timestamp: float
    value: float | None
    feedback: str  # what it amounts to, of the configured kinds; "" = none


class PastEventsOut(BaseModel):
    """Newest first."""

    events: list[PastEventOut]


class ForgottenOut(BaseModel):
    """How many entries were removed from state and log.

    `is_erased` is false while another process reads the state's file, which
    holds what was removed until then; `/readyz` tells when it is gone.
    """

    removed: int
    is_erased: bool
