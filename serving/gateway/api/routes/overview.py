"""Routes that tell a page what there is here."""

import dataclasses
from typing import Literal

from fastapi import APIRouter
from fastapi import Depends

from serving.gateway.access.access import Access
from serving.gateway.api.models import AnswerModel
from serving.gateway.api.models import get_example
from serving.gateway.api.models import give_example
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import describe_problems
from serving.gateway.gateway import Gateway
from serving.gateway.slates.example_needs import build_example_needs
from serving.gateway.slates.example_needs import count_categories
from serving.gateway.slates.personas import find_personas

_MAX_ITEMS = 100_000  # that examples are made from


class CategoryOut(AnswerModel):
    """A category of the catalogue."""

    model_config = give_example(name="Drama", num_items=4361)

    name: str
    """As the catalogue writes it."""
    num_items: int
    """How many items have it."""


class RatingsOut(AnswerModel):
    """The scale of ratings."""

    model_config = give_example(lowest=0.5, highest=5.0, positive_value=4.0)

    lowest: float
    """The worst rating."""
    highest: float
    """The best rating."""
    positive_value: float
    """A rating from here on is a like."""


class OverviewOut(AnswerModel):
    """What can be asked for, and said, here."""

    model_config = give_example(
        num_items=9742,
        categories=[get_example(CategoryOut)],
        examples=["Drama, but no Comedy"],
        feedback=["like", "dislike"],
        ratings=get_example(RatingsOut),
        policies=["fixed", "learnt"],
        version_labels=["canary"],
    )

    num_items: int
    """Of the catalogue."""
    categories: list[CategoryOut]
    """The largest first."""
    examples: list[str]
    """Needs that this catalogue answers."""
    feedback: list[str]
    """Kinds that `POST /v1/feedback` takes."""
    ratings: RatingsOut
    """Which ratings there are, and which of them are likes."""
    policies: list[str]
    """Names that `policy` of a request may have."""
    version_labels: list[str]
    """Names that `version_label` of a request may have."""


class PersonaOut(AnswerModel):
    """A user who stands for a kind of users."""

    model_config = give_example(
        kind="heavy", user_id="414", num_events=2698, titles=["Heat (1995)"]
    )

    kind: Literal["heavy", "niche", "new"]
    """The one who did most, whose items fewest others met, who did least."""
    user_id: str
    """By which slates are asked for."""
    num_events: int
    """How many are kept of the user."""
    titles: list[str]
    """Of the newest events."""


class PersonasOut(AnswerModel):
    """Users to see slates as."""

    model_config = give_example(personas=[get_example(PersonaOut)])

    personas: list[PersonaOut]
    """At most one of each kind."""


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
