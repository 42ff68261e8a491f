"""What the gateway takes and answers of users, as JSON."""

from typing import Annotated

from pydantic import Field

from serving.gateway.api.models import MAX_LIST
from serving.gateway.api.models import AnswerModel
from serving.gateway.api.models import Id
from serving.gateway.api.models import ProfileIn
from serving.gateway.api.models import StrictModel
from serving.gateway.api.models import get_example
from serving.gateway.api.models import give_example


class UserProfileIn(StrictModel):
    """What is known of a user."""

    model_config = give_example(
        user_id="ann", profile={"age": 35, "town": "Ulm"}
    )

    user_id: Id
    """Whom it is of."""
    profile: ProfileIn
    """By the names of the dataset's user attributes, in place of what was
    known; {} = nothing."""


class ProfilesIn(StrictModel):
    """Profiles to keep."""

    model_config = give_example(profiles=[get_example(UserProfileIn)])

    profiles: Annotated[
        list[UserProfileIn], Field(min_length=1, max_length=MAX_LIST)
    ]
    """Of two of one user the last counts."""


class ProfilesOut(AnswerModel):
    """How many are kept for good when this answer comes.

    Beyond `storage.max_profiles` those whose last change is the oldest leave,
    of this request or others: `dropped` is how many.
    """

    model_config = give_example(accepted=1, dropped=0)

    accepted: int
    """How many are kept."""
    dropped: int
    """How many others had to leave the state."""


class UserOut(AnswerModel):
    """A user who did something lately."""

    model_config = give_example(user_id="ann")

    user_id: str
    """By which events and slates name the user."""


class UsersOut(AnswerModel):
    """Users who did something lately."""

    model_config = give_example(users=[get_example(UserOut)])

    users: list[UserOut]
    """The most recently active first."""


class PastEventOut(AnswerModel):
    """One event of a user."""

    model_config = give_example(
        event_id="e-2",
        item_id="318",
        title="Heat (1995)",
        event_type="rate",
        timestamp=1764410400.0,
        value=4.5,
        feedback="like",
    )

    event_id: str
    """By which `POST /v1/undo` takes it back."""
    item_id: str
    """Of the item that it was done with."""
    title: str
    """Its title."""
    event_type: str
    """What was done."""
    timestamp: float
    """Seconds since 1970."""
    value: float | None
    """A rating, seconds or a price, as the type has it; null = none."""
    feedback: str
    """What it amounts to, of the configured kinds; "" = none."""


class PastEventsOut(AnswerModel):
    """What a user did."""

    model_config = give_example(events=[get_example(PastEventOut)])

    events: list[PastEventOut]
    """The newest first."""


class ForgottenOut(AnswerModel):
    """How many entries were removed from state and log.

    `is_erased` is false while another process reads the state's file, which
    holds what was removed until then; `/readyz` tells when it is gone.
    """

    model_config = give_example(removed=12, is_erased=True)

    removed: int
    """How many entries."""
    is_erased: bool
    """Whether no file of the state holds them any more."""
