"""The JSON bodies of the gateway's requests and answers.

Every text and list has a limit: a longer one is refused, by name.
"""

import math
from typing import Annotated
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


class StrictModel(BaseModel):
    """Refuses what it does not know, and numbers that are none, or texts."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Problem(BaseModel):
    """An error: what the caller must change, or that a retry may work later."""

    detail: str


class SessionEvent(StrictModel):
    """One thing that was done just now and is not kept."""

    item_id: Id
    event_type: EventType | None = None  # None = liked, as feedback says it
    timestamp: Seconds | None = None
    value: Number | None = None


def _no_bound(infinity: float) -> BeforeValidator:
    """Reads an infinite bound, which excludes nothing, as no bound."""
    return BeforeValidator(lambda told: None if told == infinity else told)


class ConstraintsIn(StrictModel):
    """What a slate may hold. `null` and infinite prices mean no bound."""

    excluded_item_ids: Annotated[list[Id], Field(max_length=MAX_LIST)] = []
    allowed_categories: Annotated[
        list[Name], Field(max_length=_MAX_CATEGORIES)
    ] = []
    min_price: Annotated[Price | None, _no_bound(-math.inf)] = None
    max_price: Annotated[Price | None, _no_bound(math.inf)] = None
    exclude_history: bool | None = None  # None = as the dataset says
    excluded_categories: Annotated[
        list[Name], Field(max_length=_MAX_CATEGORIES)
    ] = []


def _read_profile(told: object) -> object:
    return dict(read_profile(told)) if isinstance(told, dict) else told


AttributeName = Annotated[
    str, Field(min_length=1, max_length=MAX_ID_LENGTH, pattern="^[^=]+$")
]
ProfileIn = Annotated[
    dict[AttributeName, Id | Number], AfterValidator(_read_profile)
]  # value by the name of a user attribute of the model's data


class ItemIn(StrictModel):
    """An item with the facts that a shop has."""

    item_id: Id
    title: Title
    description: Text = ""
    categories: Categories = []
    price: Price | None = None
    created_at: Moment | None = None
    image_url: ImageUrl = ""
    in_stock: bool = True  # False = in no slate


class ItemsIn(StrictModel):
    """Items to add, or to replace."""

    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MAX_LIST)]

    @model_validator(mode="after")
    def _check_ids(self) -> "ItemsIn":
        if len({item.item_id for item in self.items}) < len(self.items):
            raise ValueError("each `item_id` must stand once")
        return self


class ItemsOut(BaseModel):
    """Items found, or how many were taken."""

    items: list[ItemIn]


class UpsertOut(BaseModel):
    """How many items were stored, and whether slates can hold them now.

    They cannot, `is_recommendable` is false, while the model server is away:
    they will be. It is false too if there are more new items than
    `upstream.max_new_items`, so that the oldest, of this request or others,
    had to leave the slates until a model is trained with them.

    Beyond `storage.max_items` the gateway forgets those items whose last change
    is the oldest, of this request or others: `dropped` is how many.
    """

    accepted: int
    is_recommendable: bool
    dropped: int


class SpanOut(BaseModel):
    """The span that the next run of the pipeline reads."""

    span: str


class HealthOut(BaseModel):
    """The state of each part: `ok`, or what is wrong."""

    parts: dict[str, str]
