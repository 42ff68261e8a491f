"""Routes that tell a page what there is here."""

import dataclasses
from typing import Literal

from fastapi import APIRouter
from fastapi import Depends
from pydantic import BaseModel

from serving.gateway.access.access import Access
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.gateway import Gateway
from serving.gateway.slates.example_needs import build_example_needs
from serving.gateway.slates.example_needs import count_categories
from serving.gateway.slates.personas import find_personas

_MAX_ITEMS = 100_000  # that examples are made from


class CategoryOut(BaseModel):
    """A category of the catalogue."""

    name: str
    num_items: int


class RatingsOut(BaseModel):
    """The scale of ratings: a rating from `positive_value` on is a like."""

    lowest: float
    highest: float
    positive_value: float


class OverviewOut(BaseModel):
    """What can be asked for, and said, here."""

    num_items: int
    categories: list[CategoryOut]  # the largest first
    examples: list[str]  # needs that this catalogue answers
    feedback: list[str]  # kinds that `POST /v1/feedback` takes
    ratings: RatingsOut
    policies: list[str]
    version_labels: list[str]


class PersonaOut(BaseModel):
    """A user who stands for a kind of users."""

    kind: Literal["heavy", "niche", "new"]
    user_id: str
    num_events: int
    titles: list[str]  # of the newest events


class PersonasOut(BaseModel):
    """At most one of each kind."""

    personas: list[PersonaOut]


def build_overview_router(gateway: Gateway, access: Access) -> APIRouter:
    """Builds the routes; personas, who are users, need the role `admin`."""
    router = APIRouter(
        prefix="/v1", tags=["overview"], responses=describe_problems(GUARDED)
    )

    @router.get("/overview", dependencies=[Depends(access.require("read"))])
    def describe() -> OverviewOut:
        """What the catalogue holds, and what can be asked and said."""
        config = gateway.config
        popularity = gateway.slates.read_popularity()
        items = gateway.catalogue.search("", _MAX_ITEMS, popularity)
        categories = count_categories(items)
        return OverviewOut(
            num_items=len(gateway.catalogue),
            categories=[
                CategoryOut(name=name, num_items=count)
                for name, count in categories.items()
            ],
            examples=build_example_needs(items, categories, popularity),
            feedback=list(config.feedback),
            ratings=RatingsOut(**dataclasses.asdict(config.rating_scale)),
            policies=sorted(config.ranking.policies),
            version_labels=config.list_version_labels(),
        )

    @router.get("/personas", dependencies=[Depends(access.require("admin"))])
    def list_personas() -> PersonasOut:
        """Users of different kinds, to see what slates they get."""
        return PersonasOut(
            personas=[
                PersonaOut(
                    kind=one.kind,
                    user_id=one.user_id,
                    num_events=one.num_events,
                    titles=[
                        gateway.catalogue.get_title(item_id)
                        for item_id in one.newest
                    ],
                )
                for one in find_personas(gateway.store)
            ]
        )

    return router
