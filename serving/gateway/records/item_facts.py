"""What the gateway knows of an item besides what the model knows."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """What people see of an item, and what business rules look at.

    Attributes:
        created_at: seconds since the epoch; None = not known.
        image_url: "" = there is none.
    """

    item_id: str
    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    price: float | None = None
    created_at: float | None = None
    image_url: str = ""
    in_stock: bool = True
