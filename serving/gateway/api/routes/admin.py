"""Routes for operators: users, policies, spans."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Depends
from fastapi import HTTPException
from fastapi import Path
from fastapi import Query as Parameter

from serving.gateway.access.access import Access
from serving.gateway.api.models import SpanOut
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.api.routes.any_text import register_any_text
from serving.gateway.api.user_models import ForgottenOut
from serving.gateway.api.user_models import PastEventOut
from serving.gateway.api.user_models import PastEventsOut
from serving.gateway.api.user_models import UserOut
from serving.gateway.api.user_models import UsersOut
from serving.gateway.gateway import Gateway
from serving.gateway.records.event import MAX_ID_LENGTH
from serving.gateway.records.event import Event

_UserId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=MAX_ID_LENGTH,
        description="Of the user, as events name it.",
        examples=["ann"],
    ),
]
_Limit = Annotated[
    int,
    Parameter(
        ge=1,
        le=1000,
        description="The most entries in the answer.",
        examples=[20],
    ),
]
_Policy = Annotated[
    str, Path(description="Of `GET /v1/overview`.", examples=["learnt"])
]


def build_admin_router(gateway: Gateway, access: Access) -> APIRouter:
    """Builds the routes; all but a user's events need the role `admin`."""
    register_any_text()
    router = APIRouter(
        prefix="/v1", tags=["operators"], responses=describe_problems(GUARDED)
    )
    admin = [Depends(access.require("admin"))]
    read = [Depends(access.require("read"))]

    @router.get("/users", dependencies=admin)
    def list_users(limit: _Limit = 20) -> UsersOut:
        """The most recently active users."""
        return UsersOut(
            users=[UserOut(user_id=u) for u in gateway.store.list_users(limit)]
        )

    @router.get("/users/{user_id:any_text}/events", dependencies=read)
    def list_events(user_id: _UserId, limit: _Limit = 20) -> PastEventsOut:
        """A user's newest events."""
        events = gateway.store.read_events(user_id, limit)
        return PastEventsOut(
            events=[_show_event(gateway, event) for event in reversed(events)]
        )

    @router.delete("/users/{user_id:any_text}", dependencies=admin)
    def forget(user_id: _UserId) -> ForgottenOut:
        """Removes a user from state and log, for good."""
        removed = gateway.slates.forget_user(user_id)
        return ForgottenOut(removed=removed, is_erased=gateway.store.is_erased)

    @router.get("/policies", dependencies=admin)
    def list_policies() -> dict[str, dict]:
        """The ranking policies, and what each has learnt."""
        return gateway.loop.describe_policies()

    @router.post(
        "/policies/{name}/reset",
        dependencies=admin,
        responses=describe_problems([404]),
    )
    def reset_policy(name: _Policy) -> dict[str, dict]:
        """Makes a policy forget what it has learnt."""
        if name not in gateway.config.ranking.policies:
            raise HTTPException(404, "`name` must be a policy.")
        gateway.loop.reset(name)
        return gateway.loop.describe_policies()

    @router.post("/spans", dependencies=admin)
    def close_span() -> SpanOut:
        """Closes the current span of the log: the pipeline's next span."""
        return SpanOut(span=gateway.store.close_span().name)

    return router


def _show_event(gateway: Gateway, event: Event) -> PastEventOut:
    return PastEventOut(
        event_id=event.event_id,
        item_id=event.item_id,
        title=gateway.catalogue.get_title(event.item_id),
        event_type=event.event_type,
        timestamp=event.timestamp,
        value=event.value,
        feedback=gateway.config.name_feedback(event),
    )
