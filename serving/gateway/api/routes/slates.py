"""Routes that answer with slates and explain them."""

import threading
import time
from typing import Annotated
from typing import Any

from fastapi import APIRouter
from fastapi import Depends
from fastapi import HTTPException
from fastapi import Query as Parameter

from schemas import signatures
from serving.gateway.access.access import Access
from serving.gateway.api.models import MAX_SLATE
from serving.gateway.api.models import Diversity
from serving.gateway.api.models import Id
from serving.gateway.api.models import OptionalId
from serving.gateway.api.models import PopularityShift
from serving.gateway.api.models import SessionEvent
from serving.gateway.api.models import Text
from serving.gateway.api.models import get_example
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import WITH_BODY
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.api.slate_answer import show_explanation
from serving.gateway.api.slate_answer import show_slate
from serving.gateway.api.slate_models import ExplanationsIn
from serving.gateway.api.slate_models import ExplanationsOut
from serving.gateway.api.slate_models import RecommendationsIn
from serving.gateway.api.slate_models import SlateOut
from serving.gateway.gateway import Gateway
from serving.gateway.records.event import Event
from serving.gateway.slates.title_words import remove_year
from serving.gateway.slates.user_query import SlateRequest
from serving.query import Constraints

_MAX_EXPLANATIONS = 8  # at once: each may wait for seconds, in one of the 40
# threads that slates need too


def _describe(field: str, **limits: int) -> Any:
    """Describes a parameter as the body of a request has it."""
    return Parameter(
        description=RecommendationsIn.model_fields[field].description,
        examples=[get_example(RecommendationsIn)[field]],
        **limits,
    )


# Without the body's type: in a query string there is no 14.0.
_SlateSize = Annotated[int, _describe("k", ge=1, le=MAX_SLATE)]
_Original = Annotated[
    Id,
    Parameter(description="The item that others are like.", examples=["318"]),
]
_Viewer = Annotated[
    Id | None,
    Parameter(
        description="Who is shown the slate, and may give feedback to it; it "
        "changes nothing of it. Left out = nobody known.",
        examples=["ann"],
    ),
]


def build_slates_router(gateway: Gateway, access: Access) -> APIRouter:
    """Builds the routes; all need the role `read`."""
    router = APIRouter(
        prefix="/v1",
        tags=["slates"],
        dependencies=[Depends(access.require("read"))],
        responses=describe_problems(GUARDED),
    )
    with_body = describe_problems([404, *WITH_BODY])

    @router.post("/recommendations", responses=with_body)
    def recommend(body: RecommendationsIn) -> SlateOut:
        """The best items for a user, a session, a need, or all of these."""
        return show_slate(
            gateway.catalogue,
            gateway.slates.recommend(_read_request(gateway, body)),
        )

    @router.get("/recommendations")
    def recommend_by_query(
        user_id: Annotated[Id | None, _describe("user_id")] = None,
        need: Annotated[Text, _describe("need")] = "",
        scenario: Annotated[OptionalId, _describe("scenario")] = "",
        k: _SlateSize = 10,
        diversity: Annotated[Diversity | None, _describe("diversity")] = None,
        popularity: Annotated[
            PopularityShift | None, _describe("popularity")
        ] = None,
    ) -> SlateOut:
        """The best items, for callers that cannot send a body."""
        body = RecommendationsIn(
            user_id=user_id,
            need=need,
            scenario=scenario,
            k=k,
            diversity=diversity,
            popularity=popularity,
        )
        return show_slate(
            gateway.catalogue,
            gateway.slates.recommend(_read_request(gateway, body)),
        )

    _add_items_routes(router, gateway)
    return router


def _add_items_routes(router: APIRouter, gateway: Gateway) -> None:
    """Adds the routes that begin with items, not with users."""
    explaining = threading.BoundedSemaphore(_MAX_EXPLANATIONS)

    @router.get("/similar", responses=describe_problems([404]))
    def find_similar(
        item_id: _Original,
        scenario: Annotated[OptionalId, _describe("scenario")] = "",
        k: _SlateSize = 10,
        user_id: _Viewer = None,
    ) -> SlateOut:
        """Similar items: the slate of an unknown user with this item."""
        facts = gateway.catalogue.get(item_id)
        if facts is None:
            raise HTTPException(404, "`item_id` must be in the catalogue.")
        liked = gateway.slates.build_liked(item_id, time.time())
        request = SlateRequest(
            viewer_id=user_id or "",
            session=[liked],
            # A language model takes a year in a title for what matters most.
            need=remove_year(facts.title),
            reads_need=False,
            scenario=scenario,
            k=k,
        )
        return show_slate(gateway.catalogue, gateway.slates.recommend(request))

    @router.post(
        "/explanations", responses=describe_problems([404, *WITH_BODY])
    )
    def explain(body: ExplanationsIn) -> ExplanationsOut:
        """The exact explanation of items' scores; takes longer."""
        if not explaining.acquire(blocking=False):
            raise HTTPException(
                503,
                f"At most {_MAX_EXPLANATIONS} explanations are made at once.",
                {"Retry-After": "1"},
            )
        try:
            request = _read_request(gateway, body)
            history, found = gateway.slates.explain(request, body.item_ids)
        finally:
            explaining.release()
        if any(one.score <= signatures.UNKNOWN_ITEM_SCORE for one in found):
            raise HTTPException(
                404,
                "`item_ids` must be items that the model was trained with: of "
                "others it knows the text alone.",
            )
        return ExplanationsOut(
            explanations=[
                show_explanation(gateway.catalogue, one, history)
                for one in found
            ]
        )


def _read_request(gateway: Gateway, body: RecommendationsIn) -> SlateRequest:
    now = time.time()
    session = [
        _read_session(
            gateway, one, now if one.timestamp is None else one.timestamp
        )
        for one in body.session
    ]
    _check_choice(gateway, body)
    constraints = body.constraints.model_dump()
    excluded_categories = constraints.pop("excluded_categories")
    if constraints["exclude_history"] is None:
        repeats = bool(gateway.config.slates.repeats)
        constraints["exclude_history"] = not repeats
    return SlateRequest(
        user_id=body.user_id or "",
        session=session,
        profile=body.profile,
        need=body.need,
        scenario=body.scenario,
        k=body.k,
        constraints=Constraints(**constraints),
        diversity=body.diversity,
        popularity=body.popularity,
        excluded_categories=excluded_categories,
        policy=body.policy,
        version_label=body.version_label,
        is_preview=body.preview,
    )


def _check_choice(gateway: Gateway, body: RecommendationsIn) -> None:
    for name, known in (
        ("policy", gateway.config.ranking.policies),
        ("version_label", gateway.config.list_version_labels()),
    ):
        chosen = getattr(body, name)
        if chosen and chosen not in known:
            told = ", ".join(sorted(known)) or "none: there is no other"
            raise HTTPException(
                404,
                f"`{name}` must be left out, or be one of {told}. Received: "
                f"{chosen}.",
            )


def _read_session(
    gateway: Gateway, event: SessionEvent, timestamp: float
) -> Event:
    if event.event_type is None:
        return gateway.slates.build_liked(event.item_id, timestamp)
    return Event(
        event_id="-",
        user_id="-",
        item_id=event.item_id,
        event_type=event.event_type,
        timestamp=timestamp,
        value=event.value,
    )
