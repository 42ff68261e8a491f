"""Routes of the catalogue: find, add, change and delete items."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Depends
from fastapi import HTTPException
from fastapi import Path
from fastapi import Query as Parameter

from serving.gateway.access.access import Access
from serving.gateway.api.item_models import ItemPatch
from serving.gateway.api.models import ItemIn
from serving.gateway.api.models import ItemsIn
from serving.gateway.api.models import ItemsOut
from serving.gateway.api.models import Text
from serving.gateway.api.models import UpsertOut
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import WITH_BODY
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.api.routes.any_text import register_any_text
from serving.gateway.gateway import Gateway
from serving.gateway.records.event import MAX_ID_LENGTH
from serving.gateway.records.item_facts import ItemFacts

_MAX_FOUND = 100
_ItemId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=MAX_ID_LENGTH,
        description="Of the item, as events name it.",
        examples=["heat-2"],
    ),
]
_Query = Annotated[
    Text,
    Parameter(
        description="Beginnings of words of the title; empty = any item.",
        examples=["the matr"],
    ),
]
_Limit = Annotated[
    int,
    Parameter(
        ge=1,
        le=_MAX_FOUND,
        description="The most items in the answer.",
        examples=[20],
    ),
]


def build_items_router(gateway: Gateway, access: Access) -> APIRouter:
    """Builds the routes; reading needs `read`, all else `admin`."""
    register_any_text()
    router = APIRouter(
        prefix="/v1", tags=["items"], responses=describe_problems(GUARDED)
    )

    @router.get("/items", dependencies=[Depends(access.require("read"))])
    def find_items(query: _Query = "", limit: _Limit = 20) -> ItemsOut:
        """Items by the first letters of their titles' words, popular first."""
        popularity = gateway.slates.read_popularity()
        found = gateway.catalogue.search(query, limit, popularity)
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
        is_recommendable, dropped = gateway.items.put(items)
        return UpsertOut(
            accepted=len(items),
            is_recommendable=is_recommendable,
            dropped=dropped,
        )

    _add_item_routes(router, gateway, access)
    return router


def _add_item_routes(
    router: APIRouter, gateway: Gateway, access: Access
) -> None:
    """Adds the routes of one item."""
    path = "/items/{item_id:any_text}"
    admin = [Depends(access.require("admin"))]

    @router.get(
        path,
        dependencies=[Depends(access.require("read"))],
        responses=describe_problems([404]),
    )
    def get_item(item_id: _ItemId) -> ItemIn:
        """One item, as any gateway on the same state was told last."""
        return _show(_check_found(gateway.items.find(item_id)))

    @router.patch(
        path,
        dependencies=admin,
        responses=describe_problems([404, *WITH_BODY]),
    )
    def change_item(item_id: _ItemId, body: ItemPatch) -> ItemIn:
        """Changes facts of an item, such as its stock; the others stay."""
        changed = gateway.items.change(item_id, body.list_changes())
        return _show(_check_found(changed))

    @router.delete(path, dependencies=admin, responses=describe_problems([404]))
    def delete_item(item_id: _ItemId) -> ItemIn:
        """Takes an item out of slates and searches until it is put again.

        An item that the model knows, too. What people did with it stays. The
        answer is the item as it was.
        """
        return _show(_check_found(gateway.items.delete(item_id)))


def _check_found(item: ItemFacts | None) -> ItemFacts:
    if item is None:
        raise HTTPException(404, "`item_id` must be in the catalogue.")
    return item


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
