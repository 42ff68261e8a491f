"""Facts of an item in the gateway, apart from the model."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """Facts that are shown to users, and that rules use.

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
