import dataclasses
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
from serving.gateway.behavior.log.record_json import read_newest
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


def test_fields_of_a_later_version_of_an_event_are_written_again():
    stored = json.loads(encode_event(EVENT)) | {"later": [1], "unknown": {}}
    again = json.loads(encode_event(decode_event(stored)))
    assert again == stored
    # The number is the log's: another log gives its own.
    numbered = stored | {"seq": 1}
    assert json.loads(encode_event(decode_event(numbered))) == stored


@pytest.mark.parametrize("decode", [decode_event, decode_exposure, decode_item])
@pytest.mark.parametrize(
    "record", [None, 3, "text", [], {}, {"kind": "later"}, [{"item_id": "i"}]]
)
def test_what_is_of_another_form_is_none(decode, record):
    assert decode(record) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"event_id": "\ud800"},
        {"text": None},
        {"text": "\udfff"},
        {"scenario": 3},
        {"slate_id": ["l"]},
        {"timestamp": None},
        {"timestamp": True},
        {"timestamp": "12"},
        {"timestamp": math.nan},
        {"value": "4"},
        {"value": False},
        {"value": 10**400},
        {"later": "\ud800"},
        {"later": {"much": [math.inf]}},
    ],
)
def test_event_with_a_field_of_another_type_is_of_another_form(changed):
    assert decode_event(json.loads(encode_event(EVENT)) | changed) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"user_id": "\ud800"},
        {"scenario": None},
        {"timestamp": "1"},
        {"timestamp": 10**400},
        {"model_version": "3"},
        {"explored_position": None},
        {"arms": ["b"]},
        {"arms": {"test": 1}},
        {"candidates": ["b"]},
        {"items": [{"item_id": "a", "score": "0.5"}]},
        {"items": [{"item_id": "a", "score": math.inf}]},
        {"items": [{"item_id": 3, "score": 0.5}]},
        {"items": [{"item_id": "a", "score": 0.5, "features": [1.0]}]},
    ],
)
def test_exposure_with_a_field_of_another_type_is_of_another_form(changed):
    stored = json.loads(encode_exposure(EXPOSURE))
    assert decode_exposure(stored | changed) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "\ud800"},
        {"description": None},
        {"image_url": 3},
        {"categories": "x"},
        {"categories": [3]},
        {"price": "4.99"},
        {"price": True},
        {"price": 10**400},
        {"created_at": "2026"},
        {"created_at": math.nan},
        {"in_stock": "no"},
    ],
)
def test_item_with_a_field_of_another_type_is_of_another_form(changed):
    assert decode_item(json.loads(encode_item(ITEM)) | changed) is None


def test_whole_numbers_that_no_database_holds_become_floats():
    stored = json.loads(encode_event(EVENT)) | {"timestamp": 10**30}
    assert isinstance(decode_event(stored).timestamp, float)


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_older_events_take_the_place_of_unknown_ones(limit):
    bodies = []
    for number in range(20):
        event = dataclasses.replace(EVENT, event_id=f"{number}")
        bodies.append(encode_event(event))
        bodies.append(encode_event(dataclasses.replace(event, event_type="?")))
        bodies.append(b'{"kind": "later"}')
    read = read_newest(lambda count: bodies[-count:], limit)
    assert [event.event_id for event in read] == [
        str(number) for number in range(20 - limit, 20)
    ]


def test_user_with_few_known_events_is_read_once_more_at_most():
    asked = []

    def read_bodies(count):
        asked.append(count)
        return [encode_event(EVENT)] * 3

    assert len(read_newest(read_bodies, 3)) == 3
    assert len(read_newest(read_bodies, 9)) == 3
    assert read_newest(read_bodies, 0) == []
    assert asked == [3, 9, 1]


def test_text_that_is_not_unicode_is_refused():
    event = Event(event_id="e", user_id="\ud800", item_id="i", timestamp=1)
    with pytest.raises(ValueError, match="surrogates"):
        encode_event(event)


def test_score_that_is_not_finite_is_refused():
    items = (ExposedItem(item_id="a", score=math.nan),)
    exposure = Exposure(slate_id="l", user_id="u", timestamp=1.0, items=items)
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_exposure(exposure)
