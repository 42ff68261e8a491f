import json
import math
from types import MappingProxyType

import pytest

from serving.gateway.behavior.log.record_json import decode_event
from serving.gateway.behavior.log.record_json import decode_exposure
from serving.gateway.behavior.log.record_json import decode_item
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.log.record_json import encode_exposure
from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.behavior.log.record_json import encode_shown
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts

EVENT = Event(
    event_id="e",
    user_id='ü"\n\0\u2028',
    item_id="雪",
    timestamp=12,
    event_type="rate",
    value=4,
    text="fine\\",
    scenario="home",
    session_id="s",
    slate_id="l",
)
EXPOSURE = Exposure(
    slate_id="l",
    user_id="u",
    timestamp=1.5,
    scenario="home",
    model_version=3,
    policy="blend",
    arms=MappingProxyType({"test": "b"}),
    items=(
        ExposedItem(
            item_id="a", score=0.5, features={"price": 1.0}, propensity=0.1
        ),
        ExposedItem(item_id="b", score=0.25),
    ),
    explored_position=1,
    candidates={"b": {"price": 2.0}, "c": {}},
    source="popular",
)
ITEM = ItemFacts(
    item_id="a", title="A", categories=("x", "y"), price=2.5, in_stock=False
)


def test_event_comes_back():
    assert decode_event(json.loads(encode_event(EVENT))) == EVENT


def test_event_is_one_line():
    assert b"\n" not in encode_event(EVENT)


def test_numbers_of_an_event_are_floats_and_absent_ones_null():
    text = encode_event(EVENT).decode()
    assert '"timestamp": 12.0' in text
    assert '"value": 4.0' in text
    plain = Event(event_id="e", user_id="u", item_id="i", timestamp=1)
    assert '"value": null' in encode_event(plain).decode()


def test_exposure_comes_back():
    assert decode_exposure(json.loads(encode_exposure(EXPOSURE))) == EXPOSURE


def test_shown_items_come_back_without_what_the_blend_saw():
    shown = decode_exposure(json.loads(encode_shown(EXPOSURE)))
    assert shown == Exposure(
        slate_id="l",
        user_id="u",
        timestamp=1.5,
        scenario="home",
        model_version=3,
        policy="blend",
        arms={"test": "b"},
        items=(
            ExposedItem(item_id="a", score=0.5),
            ExposedItem(item_id="b", score=0.25),
        ),
        source="popular",
    )


def test_item_comes_back():
    assert decode_item(json.loads(encode_item(ITEM))) == ITEM


@pytest.mark.parametrize(
    ("encode", "decode", "record"),
    [
        (encode_event, decode_event, EVENT),
        (encode_exposure, decode_exposure, EXPOSURE),
        (encode_item, decode_item, ITEM),
    ],
)
def test_keys_of_a_later_version_are_left(encode, decode, record):
    stored = json.loads(encode(record)) | {"seq": 1, "later": [1]}
    assert decode(stored) == record


def test_text_that_is_not_unicode_is_refused():
    event = Event(event_id="e", user_id="\ud800", item_id="i", timestamp=1)
    with pytest.raises(ValueError, match="surrogates"):
        encode_event(event)


def test_score_that_is_not_finite_is_refused():
    items = (ExposedItem(item_id="a", score=math.nan),)
    exposure = Exposure(slate_id="l", user_id="u", timestamp=1.0, items=items)
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_exposure(exposure)
