"""The one sentence by which the language model gets to know an item."""

from collections.abc import Sequence


def compose_item_text(
    title: str, description: str, categories: Sequence[str]
) -> str:
    """Joins what is known of an item into the text that is encoded.

    The exported graph builds the same sentence from the inputs of
    `encode_items`; a test holds the two together.

    Args:
        title: never empty.
        description: empty where there is none.
        categories: labels in catalogue order; may be empty.

    Returns:
        "title. category, category. description", absent parts left out.
    """
    parts = (title, ", ".join(categories), description)
    return ". ".join(part for part in parts if part)
