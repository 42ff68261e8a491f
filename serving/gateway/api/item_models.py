"""The JSON body of a change of one item."""

from typing import Annotated
from typing import Any

from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from serving.gateway.api.models import Categories
from serving.gateway.api.models import ImageUrl
from serving.gateway.api.models import Moment
from serving.gateway.api.models import Price
from serving.gateway.api.models import StrictModel
from serving.gateway.api.models import Text
from serving.gateway.api.models import Title

_CLEARED = {"description": "", "categories": (), "image_url": ""}


# Not named is no null.
_NOT_NULL = Field(json_schema_extra=lambda schema: schema.pop("default", None))


class ItemPatch(StrictModel):
    """What changes of an item. A fact that is not named stays as it is.

    null takes a fact away. Each item has a title, and is in stock or not.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "minProperties": 1,
            "examples": [
                {
                    "title": "Heat 2 (2026)",
                    "description": "The hunt for the rest of the crew.",
                    "categories": ["Crime"],
                    "price": 9.99,
                    "created_at": 1764410400.0,
                    "image_url": "/covers/heat-2.jpg",
                    "in_stock": False,
                }
            ],
        }
    )

    title: Annotated[Title, _NOT_NULL] = None
    """The new title."""
    description: Text | None = None
    """More text for the model; null = none."""
    categories: Categories | None = None
    """All labels, in place of those it had; null = none."""
    price: Price | None = None
    """In the currency of the shop; null = not known."""
    created_at: Moment | None = None
    """Seconds since 1970; null = not known."""
    image_url: ImageUrl | None = None
    """Of the cover; null = none."""
    in_stock: Annotated[bool, _NOT_NULL] = None
    """false = no slate holds it."""

    @model_validator(mode="after")
    def _check(self) -> "ItemPatch":
        if not self.model_fields_set:
            raise ValueError("at least one fact must be named")
        return self

    def list_changes(self) -> dict[str, Any]:
        """Returns what changes, by the names of `ItemFacts`."""
        changes = self.model_dump(include=self.model_fields_set)
        if changes.get("categories") is not None:
            changes["categories"] = tuple(changes["categories"])
        return {
            name: _CLEARED.get(name) if value is None else value
            for name, value in changes.items()
        }
