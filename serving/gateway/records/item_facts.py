"""Facts of an item in the gateway, apart from the model."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """Facts that are shown to users, and that rules use.

    Attributes:
        created_at: seconds since the epoch; None = not known.
        image_url: "" = there is none.
        in_stock: False = no slate may hold it.
        is_deleted: whether it was taken out of the catalogue. Its facts stay:
            they say what people who met it did, and to all gateways that it
            is gone, also where a model knows it.
    """

    item_id: str
    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    price: float | None = None
    created_at: float | None = None
    image_url: str = ""
    in_stock: bool = True
    is_deleted: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether no slate may hold it."""
        return self.is_deleted or not self.in_stock
