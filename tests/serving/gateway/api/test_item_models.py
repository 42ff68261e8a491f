import pytest
from pydantic import ValidationError

from serving.gateway.api.item_models import ItemPatch


def test_only_what_is_named_changes():
    patch = ItemPatch(price=2.5, categories=["a", "b"], in_stock=False)
    assert patch.list_changes() == {
        "price": 2.5,
        "categories": ("a", "b"),
        "in_stock": False,
    }


def test_null_is_what_an_item_has_that_lacks_the_fact():
    names = ["description", "categories", "image_url", "price", "created_at"]
    changes = ItemPatch.model_validate(dict.fromkeys(names)).list_changes()
    assert [changes[name] for name in names] == ["", (), "", None, None]
    assert ItemPatch(categories=[]).list_changes() == {"categories": ()}


@pytest.mark.parametrize(
    ("patch", "problem"),
    [
        ({}, "at least one fact"),
        ({"title": None}, "title\n  Input should be a valid string"),
        ({"in_stock": None}, "in_stock\n  Input should be a valid boolean"),
        ({"title": ""}, "at least 1 character"),
        ({"price": -1.0}, "greater than or equal to 0"),
        ({"item_id": "other"}, "item_id"),
    ],
)
def test_change_that_means_nothing_is_refused(patch, problem):
    with pytest.raises(ValidationError, match=problem):
        ItemPatch.model_validate(patch)
