"""What may be asked about slates, and about the reasons for their items."""

import pytest
from pydantic import ValidationError

from serving.gateway.api.slate_models import ExplanationsIn
from serving.gateway.api.slate_models import RecommendationsIn

_BODY = {
    "session": [{"item_id": "a"}],
    "need": "calm",
    "k": 3,
    "constraints": {"max_price": 9.0},
}


def test_explanation_is_asked_for_with_the_body_of_the_slate():
    slate = RecommendationsIn(**_BODY)
    asked = ExplanationsIn(**_BODY, item_ids=["b"])
    assert asked.model_dump(exclude={"item_ids"}) == slate.model_dump()


@pytest.mark.parametrize("item_ids", [[], ["a"] * 21])
def test_explanation_names_some_items_and_not_too_many(item_ids):
    with pytest.raises(ValidationError, match="item_ids"):
        ExplanationsIn(**_BODY, item_ids=item_ids)
