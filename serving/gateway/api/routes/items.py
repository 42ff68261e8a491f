"""Routes of the catalogue: find items, and add new ones."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Depends
from fastapi import Query as Parameter

from serving.gateway.access.access import Access
from serving.gateway.api.models import ItemIn
from serving.gateway.api.models import ItemsIn
from serving.gateway.api.models import ItemsOut
from serving.gateway.api.models import Text
from serving.gateway.api.models import UpsertOut
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import WITH_BODY
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.gateway import Gateway
from serving.gateway.records.item_facts import ItemFacts

_MAX_FOUND = 100


def build_items_router(gateway: Gateway, access: Access) -> APIRouter:
    """Builds the routes; reading needs `read`, adding items `admin`."""
    router = APIRouter(
        prefix="/v1", tags=["items"], responses=describe_problems(GUARDED)
    )

    @router.get("/items", dependencies=[Depends(access.require("read"))])
    def find_items(
        query: Text = "",
        limit: Annotated[int, Parameter(ge=1, le=_MAX_FOUND)] = 20,
    ) -> ItemsOut:
        """Items by the first letters of the words of their titles."""
        found = gateway.catalogue.search(query, limit)
        return ItemsOut(items=[_show(item) for item in found])

    @router.post(
        "/items",
        dependencies=[Depends(access.require("admin"))],
        responses=describe_problems(WITH_BODY),
    )
    def put_items(body: ItemsIn) -> UpsertOut:
        """Adds or replaces items; the model encodes new ones at once."""
        items = [
            ItemFacts(
                **item.model_dump(exclude={"categories"}),
                categories=tuple(item.categories),
            )
            for item in body.items
        ]
        is_recommendable, dropped = gateway.put_items(items)
        return UpsertOut(
            accepted=len(items),
            is_recommendable=is_recommendable,
            dropped=dropped,
        )

    return router


def _show(item: ItemFacts) -> ItemIn:
    # Not checked again: a catalogue file may hold longer texts.
    return ItemIn.model_construct(
        **{
            name: getattr(item, name)
            for name in ItemIn.model_fields
            if name != "categories"
        },
        categories=list(item.categories),
    )
