"""The sentence by which an item is known."""

import pytest

from schemas.item_text import compose_item_text


@pytest.mark.parametrize(
    ("title", "description", "categories", "text"),
    [
        (
            "Heat",
            "A thief.",
            ["Crime", "Drama"],
            "Heat. Crime, Drama. A thief.",
        ),
        ("Heat", "", ["Crime"], "Heat. Crime"),
        ("Heat", "A thief.", [], "Heat. A thief."),
        ("Heat", "", [], "Heat"),
    ],
)
def test_absent_parts_leave_no_trace(title, description, categories, text):
    assert compose_item_text(title, description, categories) == text


def test_order_of_categories_is_kept():
    assert compose_item_text("t", "", ["b", "a"]) == "t. b, a"
