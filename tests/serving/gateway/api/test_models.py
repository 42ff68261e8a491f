import pytest
from pydantic import ValidationError

from serving.gateway.api.event_models import EventIn
from serving.gateway.api.event_models import EventsIn
from serving.gateway.api.models import ItemIn
from serving.gateway.api.models import ItemsIn
from serving.gateway.api.slate_models import RecommendationsIn

_EVENT = {"user_id": "u", "item_id": "i"}
_ITEM = {"item_id": "i", "title": "t"}


@pytest.mark.parametrize(
    ("model", "given", "field"),
    [
        (EventIn, _EVENT | {"user_id": "x" * 513}, "user_id"),
        (EventIn, _EVENT | {"event_type": "buy"}, "event_type"),
        (EventIn, _EVENT | {"timestamp": -1.0}, "timestamp"),
        (EventIn, _EVENT | {"value": float("nan")}, "value"),
        (EventIn, _EVENT | {"text": "x" * 10_001}, "text"),
        (EventIn, _EVENT | {"colour": "red"}, "colour"),
        (EventsIn, {"events": []}, "events"),
        (EventsIn, {"events": [_EVENT] * 1001}, "events"),
        (RecommendationsIn, {"k": 101}, "k"),
        (RecommendationsIn, {"diversity": 1.1}, "diversity"),
        (RecommendationsIn, {"popularity": -1.1}, "popularity"),
        (ItemIn, _ITEM | {"image_url": "javascript:alert(1)"}, "image_url"),
        (ItemIn, _ITEM | {"price": -1.0}, "price"),
        (ItemIn, _ITEM | {"created_at": 1e15}, "created_at"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(model, given, field):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    assert caught.value.errors()[0]["loc"][0] == field


def test_item_stands_once_in_a_request():
    with pytest.raises(ValidationError, match="must stand once"):
        ItemsIn.model_validate({"items": [_ITEM, _ITEM]})


def test_cover_comes_from_the_web_or_the_gateway_s_own_origin():
    for url in ("https://images.example/a.jpg", "/covers/a.jpg", ""):
        assert ItemIn(**_ITEM, image_url=url).image_url == url


def test_items_may_be_older_than_1970():
    assert ItemIn(**_ITEM, created_at=-2_145_916_800.0).created_at < 0.0
