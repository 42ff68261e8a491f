"""Events, exposures and items as JSON objects, and back."""

import dataclasses
import functools
import json
from collections.abc import Mapping

from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.records.profile import Profile

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def encode_event(event: Event) -> bytes:
    """Encodes an event; numbers become floats, as the pipeline reads them.

    Raises:
        ValueError: a text is not Unicode.
    """
    record = _take_fields(event)
    record["timestamp"] = float(event.timestamp)
    if event.value is not None:
        record["value"] = float(event.value)
    return _dump(record)


def decode_event(record: Mapping) -> Event:
    """Returns the event of a JSON object; keys of other versions are left."""
    return Event(**_take_known(Event, record))


def encode_exposure(exposure: Exposure) -> bytes:
    """Encodes an exposure.

    Raises:
        ValueError: a text is not Unicode, or a number is not finite.
    """
    record = _take_fields(exposure)
    record["arms"] = dict(exposure.arms)
    record["items"] = [
        _take_fields(item)
        | {
            "score": float(item.score),
            "features": _as_floats(item.features),
            "propensity": float(item.propensity),
        }
        for item in exposure.items
    ]
    record["candidates"] = {
        item_id: _as_floats(features)
        for item_id, features in exposure.candidates.items()
    }
    return _dump(record)


def encode_shown(exposure: Exposure) -> bytes:
    """Encodes who was shown which items, without what the blend saw of them.

    Features, candidates and propensities are six times the rest; they are
    decoded as if there were none.

    Raises:
        ValueError: as of `encode_exposure`.
    """
    record = _take_fields(exposure)
    del record["candidates"], record["explored_position"]
    record["arms"] = dict(exposure.arms)
    record["items"] = [
        {
            "item_id": item.item_id,
            "score": float(item.score),
            "team": item.team,
        }
        for item in exposure.items
    ]
    return _dump(record)


def decode_exposure(record: Mapping) -> Exposure:
    """Returns the exposure of a JSON object."""
    known = _take_known(Exposure, record)
    items = [
        ExposedItem(**_take_known(ExposedItem, item))
        for item in known.get("items", ())
    ]
    return Exposure(**{**known, "items": tuple(items)})


def encode_item(item: ItemFacts) -> bytes:
    """Encodes an item.

    Raises:
        ValueError: a text is not Unicode, or a number is not finite.
    """
    return _dump(_take_fields(item))


def decode_item(record: Mapping) -> ItemFacts:
    """Returns the item of a JSON object."""
    known = _take_known(ItemFacts, record)
    return ItemFacts(**{**known, "categories": tuple(known["categories"])})


def encode_profile(user_id: str, profile: Profile) -> bytes:
    """Encodes a user's profile as a row of a users table.

    Raises:
        ValueError: a text is not Unicode.
    """
    return _dump({"user_id": user_id, **profile})


def _take_fields(record: object) -> dict:
    # `dataclasses.asdict` would copy every mapping deeply, and slowly.
    return {
        field.name: getattr(record, field.name)
        for field in dataclasses.fields(record)
    }


def _take_known(kind: type, record: Mapping) -> Mapping:
    names = _list_fields(kind)
    if record.keys() <= names:
        return record
    return {name: value for name, value in record.items() if name in names}


@functools.cache
def _list_fields(kind: type) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(kind))


def _as_floats(features: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in features.items()}


def _dump(record: dict) -> bytes:
    return _ENCODER.encode(record).encode()
