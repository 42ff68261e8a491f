"""The text of an item that the language model reads."""

from collections.abc import Sequence


def compose_item_text(
    title: str, description: str, categories: Sequence[str]
) -> str:
    """Joins title, categories and description into the text to encode.

    The exported graph builds the same text from the inputs of `encode_items`; a
    test compares the two.

    Args:
        title: never empty.
        description: empty where there is none.
        categories: labels in catalogue order; may be empty.

    Returns:
        "title. category, category. description", absent parts left out.
    """
    parts = (title, ", ".join(categories), description)
    return ". ".join(part for part in parts if part)
