"""The JSON bodies of the gateway's requests and answers.

Every text and list has a limit: a longer one is refused, by name.
"""

import math
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from serving.gateway.records.event import GIVEN_TYPES
from serving.gateway.records.event import MAX_ID_LENGTH
from serving.gateway.records.event import MAX_TEXT_LENGTH
from serving.gateway.records.profile import read_profile

MAX_SLATE = 100
MAX_LIST = 1000  # events, items or ids of one request
_MAX_CATEGORIES = 64
_LATEST = 253_402_300_799.0  # the end of the year 9999, seconds


def _read_whole_number(value: object) -> object:
    """Reads 14.0 as 14: in JSON they are the same."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
OptionalId = Annotated[str, Field(max_length=MAX_ID_LENGTH)]
Text = Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]
Seconds = Annotated[float, Field(ge=0.0, le=_LATEST)]
# Before 1970 as well: a film of 1902 is an item like others.
Moment = Annotated[float, Field(ge=-_LATEST, le=_LATEST)]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
Price = Annotated[float, Field(ge=0.0, le=1e12)]
EventType = Literal[GIVEN_TYPES]
Name = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
Title = Annotated[str, Field(min_length=1, max_length=1000)]
Categories = Annotated[list[Name], Field(max_length=_MAX_CATEGORIES)]
ImageUrl = Annotated[
    str, Field(max_length=2048, pattern=r"^(https?://\S+|/\S*)?$")
]
SlateSize = Annotated[
    int, Field(ge=1, le=MAX_SLATE), BeforeValidator(_read_whole_number)
]
Diversity = Annotated[float, Field(ge=0.0, le=1.0)]
PopularityShift = Annotated[float, Field(ge=-1.0, le=1.0)]


class AnswerModel(BaseModel):
    """What the gateway answers; texts below fields describe them to callers."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class StrictModel(BaseModel):
    """Refuses what it does not know, and numbers that are none, or texts."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def give_example(**example: Any) -> ConfigDict:
    """Builds the configuration of a model that callers see an example of."""
    return ConfigDict(json_schema_extra={"examples": [example]})


def get_example(model: type[BaseModel]) -> dict[str, Any]:
    """Returns the example of a model, for an example that holds it."""
    return model.model_config["json_schema_extra"]["examples"][0]


class Problem(AnswerModel):
    """An error: what the caller must change, or that a retry may work later."""

    model_config = give_example(detail="`item_id` must be in the catalogue.")

    detail: str
    """What must hold, and what came."""


class SessionEvent(StrictModel):
    """One thing that was done just now and is not kept."""

    model_config = give_example(
        item_id="318", event_type="rate", timestamp=1764410400.0, value=4.5
    )

    item_id: Id
    """Of the item that it was done with."""
    event_type: EventType | None = None
    """What was done; null = the item was liked, as feedback says it."""
    timestamp: Seconds | None = None
    """Seconds since 1970; null = now."""
    value: Number | None = None
    """A rating, seconds or a price, as the type has it; null = none."""


def _no_bound(infinity: float) -> BeforeValidator:
    """Reads an infinite bound, which excludes nothing, as no bound."""
    return BeforeValidator(lambda told: None if told == infinity else told)


class ConstraintsIn(StrictModel):
    """What a slate may hold. `null` and infinite prices mean no bound."""

    model_config = give_example(
        excluded_item_ids=["527"],
        allowed_categories=["Drama", "Crime"],
        min_price=5.0,
        max_price=19.99,
        exclude_history=True,
        excluded_categories=["Horror"],
    )

    excluded_item_ids: Annotated[list[Id], Field(max_length=MAX_LIST)] = []
    """Items that it must not hold."""
    allowed_categories: Annotated[
        list[Name], Field(max_length=_MAX_CATEGORIES)
    ] = []
    """Each item has one of these, as the catalogue writes them; [] = any."""
    min_price: Annotated[Price | None, _no_bound(-math.inf)] = None
    """The lowest price; an item without a price does not fit."""
    max_price: Annotated[Price | None, _no_bound(math.inf)] = None
    """The highest price; an item without a price does not fit."""
    exclude_history: bool | None = None
    """Whether items that the user met are left out; null = as the dataset
    says."""
    excluded_categories: Annotated[
        list[Name], Field(max_length=_MAX_CATEGORIES)
    ] = []
    """No item has one of these, in any case, in singular or plural. One that
    is too large to be excluded is in `unmet` of the answer."""


def _read_profile(told: object) -> object:
    return dict(read_profile(told)) if isinstance(told, dict) else told


AttributeName = Annotated[
    str, Field(min_length=1, max_length=MAX_ID_LENGTH, pattern="^[^=]+$")
]
ProfileIn = Annotated[
    dict[AttributeName, Id | Number],
    AfterValidator(_read_profile),
    # A pattern of names does not refuse other names by itself.
    Field(json_schema_extra={"additionalProperties": False}),
]  # value by the name of a user attribute of the model's data


class ItemIn(StrictModel):
    """An item with the facts that a shop has."""

    model_config = give_example(
        item_id="heat-2",
        title="Heat 2 (2026)",
        description="A detective hunts the rest of a crew of thieves.",
        categories=["Crime", "Drama"],
        price=12.5,
        created_at=1764410400.0,
        image_url="https://images.example.com/heat-2.jpg",
        in_stock=True,
    )

    item_id: Id
    """Its id, by which events name it."""
    title: Title
    """What people read, and the model."""
    description: Text = ""
    """More text for the model; "" = none."""
    categories: Categories = []
    """Labels to filter by."""
    price: Price | None = None
    """In the currency of the shop; null = not known."""
    created_at: Moment | None = None
    """Seconds since 1970, also before it; null = not known."""
    image_url: ImageUrl = ""
    """Of the cover, http(s) or a path of the gateway's own host; "" = none."""
    in_stock: bool = True
    """false = no slate holds it."""


class ItemsIn(StrictModel):
    """Items to add, or to replace."""

    model_config = give_example(items=[get_example(ItemIn)])

    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MAX_LIST)]
    """Whole items, each id once."""

    @model_validator(mode="after")
    def _check_ids(self) -> "ItemsIn":
        if len({item.item_id for item in self.items}) < len(self.items):
            raise ValueError("each `item_id` must stand once")
        return self


class ItemsOut(AnswerModel):
    """Items found."""

    model_config = give_example(items=[get_example(ItemIn)])

    items: list[ItemIn]
    """The best match first."""


class UpsertOut(AnswerModel):
    """How many items were stored, and whether slates can hold them now.

    They cannot, `is_recommendable` is false, while the model server is away:
    they will be. It is false too if there are more new items than
    `upstream.max_new_items`, so that the oldest, of this request or others,
    had to leave the slates until a model is trained with them.

    Beyond `storage.max_items` the gateway forgets those items whose last change
    is the oldest, of this request or others: `dropped` is how many.
    """

    model_config = give_example(accepted=1, is_recommendable=True, dropped=0)

    accepted: int
    """How many are stored."""
    is_recommendable: bool
    """Whether slates hold them from now on."""
    dropped: int
    """How many others had to leave the state."""


class SpanOut(AnswerModel):
    """The span that the next run of the pipeline reads."""

    model_config = give_example(span="span-3")

    span: str
    """Name of its folder in the log."""


class HealthOut(AnswerModel):
    """The state of each part: `ok`, or what is wrong."""

    model_config = give_example(
        parts={"state": "ok", "model": "ok", "threads": "ok"}
    )

    parts: dict[str, str]
    """What is said of each part, by its name."""
