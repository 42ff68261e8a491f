"""Routes that take events and feedback."""

import time
from typing import Literal

from fastapi import APIRouter
from fastapi import Depends
from fastapi import HTTPException
from pydantic import Field
from pydantic import create_model

from serving.gateway.access.access import Access
from serving.gateway.api.bad_request import BadRequest
from serving.gateway.api.event_models import EventsIn
from serving.gateway.api.event_models import EventsOut
from serving.gateway.api.event_models import FeedbackIn
from serving.gateway.api.event_models import FeedbackOut
from serving.gateway.api.event_models import UndoIn
from serving.gateway.api.event_models import UndoOut
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import WITH_BODY
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.api.user_models import ProfilesIn
from serving.gateway.api.user_models import ProfilesOut
from serving.gateway.behavior.feedback_config import amounts_to
from serving.gateway.behavior.feedback_loop import build_event_id
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.records.event import Event


def build_behavior_router(gateway: Gateway, access: Access) -> APIRouter:
    """Builds the routes; all need the role `write`."""
    router = APIRouter(
        prefix="/v1",
        tags=["behaviour"],
        dependencies=[Depends(access.require("write"))],
        responses=describe_problems([*GUARDED, *WITH_BODY]),
    )

    @router.post("/events")
    def record(body: EventsIn) -> EventsOut:
        """Stores events durably; the next slates reflect them."""
        events = _read_events(body)
        accepted = gateway.loop.record(events)
        return EventsOut(accepted=accepted, duplicates=len(events) - accepted)

    @router.post("/profiles")
    def put_profiles(body: ProfilesIn) -> ProfilesOut:
        """Keeps what is known of users; the next slates reflect it."""
        profiles = {one.user_id: one.profile for one in body.profiles}
        dropped = gateway.put_profiles(profiles)
        return ProfilesOut(accepted=len(profiles), dropped=dropped)

    _add_feedback_routes(router, gateway)
    return router


def _add_feedback_routes(router: APIRouter, gateway: Gateway) -> None:
    """Adds the routes of what people say to a slate."""
    kinds = gateway.config.feedback
    known_feedback = create_model(
        "FeedbackIn",
        __base__=FeedbackIn,
        __doc__=FeedbackIn.__doc__,
        feedback=(
            Literal[tuple(sorted(kinds))],
            Field(description=FeedbackIn.model_fields["feedback"].description),
        ),
    )

    @router.post("/feedback", responses=describe_problems([404]))
    def give_feedback(body: known_feedback) -> FeedbackOut:
        """Stores feedback to an item of a slate, and learns from it."""
        kind = kinds[body.feedback]
        shown = gateway.store.find_exposure(body.slate_id)
        if shown is None or shown.user_id != body.user_id:
            raise HTTPException(
                404, "`slate_id` must name a slate of this user."
            )
        if all(item.item_id != body.item_id for item in shown.items):
            raise HTTPException(404, "`item_id` must be on the slate.")
        value = gateway.config.find_value(kind)
        if body.value is not None:
            value = body.value
            _check_value(gateway.config, body.feedback, value)
        event = Event(
            event_id=body.event_id or build_event_id(),
            user_id=body.user_id,
            item_id=body.item_id,
            event_type=kind.event_type,
            timestamp=time.time(),
            value=value,
            scenario=shown.scenario,
            slate_id=body.slate_id,
        )
        return FeedbackOut(
            accepted=gateway.loop.give(body.feedback, event),
            event_id=event.event_id,
        )

    @router.post("/undo", responses=describe_problems([404]))
    def undo(body: UndoIn) -> UndoOut:
        """Takes an event back; the next slates are as if it had not been."""
        if not gateway.loop.undo(body.user_id, body.event_id):
            raise HTTPException(
                404, "`event_id` must name an event that is kept of this user."
            )
        return UndoOut(accepted=1)


def _check_value(config: GatewayConfig, feedback: str, value: float) -> None:
    """Refuses a dislike with a good rating: only the rating is kept."""
    kinds, scale = config.feedback, config.rating_scale
    if not amounts_to(kinds[feedback], kinds.values(), scale, value):
        raise BadRequest(
            f"`value` must be left out, or be a rating that is a {feedback!r} "
            f"on the scale from {scale.lowest} to {scale.highest}, with likes "
            f"from {scale.positive_value} on. Received: {value}."
        )


def _read_events(body: EventsIn) -> list[Event]:
    now = time.time()
    return [
        Event(
            **one.model_dump(exclude={"event_id", "timestamp"}),
            event_id=one.event_id or build_event_id(),
            timestamp=now if one.timestamp is None else one.timestamp,
        )
        for one in body.events
    ]
