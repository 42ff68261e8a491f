"""Events, exposures and items as JSON objects, and back.

A later version of this code may have written fields, event types and whole
records that are not known here; after a rollback they are met in the log, in
SQLite and in Redis. Nothing of it is an error: an event keeps its type and its
fields, and a record that cannot be read is `None`, to be passed over. So is one
whose fields have other types: whoever uses it later would fail each time.
"""

import dataclasses
import functools
import json
import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_EVENT_TEXTS = (
    "event_id",
    "user_id",
    "item_id",
    "event_type",
    "text",
    "scenario",
    "session_id",
    "slate_id",
)
_EXPOSURE_TEXTS = ("slate_id", "user_id", "scenario", "policy", "source")
_ITEM_TEXTS = ("item_id", "title", "description", "image_url")


def encode_event(event: Event) -> bytes:
    """Encodes an event; numbers become floats, as the pipeline reads them.

    Raises:
        ValueError: a text is not Unicode.
    """
    record = _take_fields(event)
    record["timestamp"] = float(event.timestamp)
    if event.value is not None:
        record["value"] = float(event.value)
    return _dump(record | event.unknown_fields)


def encode_event_id(event_id: str) -> bytes:
    """Returns what stands in an encoded event of this id, and in no other.

    Raises:
        ValueError: the id is not Unicode.
    """
    return b'"event_id": ' + _ENCODER.encode(event_id).encode()


def decode_event(record: object) -> Event | None:
    """Returns the event of a JSON object; None = it is of no such form."""
    return _decode(_build_event, Event, record)


def read_newest(
    read_bodies: Callable[[int], Sequence[bytes]], limit: int
) -> list[Event]:
    """Returns a user's newest events of known types, oldest first.

    Args:
        read_bodies: returns at most so many of what is kept of the user, by
            time, as JSON, oldest first.
        limit: the most events returned. Older ones take the place of those
            that are passed over.
    """
    asked = max(limit, 1)
    while True:
        bodies = read_bodies(asked)
        records = json.loads(b"[%s]" % b",".join(bodies))
        events = [
            event
            for event in map(decode_event, records)
            if event is not None and event.is_known
        ]
        if len(events) >= limit or len(bodies) < asked:
            return events[max(len(events) - limit, 0) :]
        asked *= 2


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
    """Encodes who was shown which items, without the blend's features.

    Features, candidates and propensities are six times the rest; a decoded
    exposure has none.

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


def decode_exposure(record: object) -> Exposure | None:
    """Returns the exposure of a JSON object; None = it is of no such form."""
    return _decode(_build_exposure, Exposure, record)


def encode_item(item: ItemFacts) -> bytes:
    """Encodes an item.

    Raises:
        ValueError: a text is not Unicode, or a number is not finite.
    """
    return _dump(_take_fields(item))


def decode_item(record: object) -> ItemFacts | None:
    """Returns the item of a JSON object; None = it is of no such form.

    Fields that are not known here are left: an item is kept as it came.
    """
    return _decode(_build_item, ItemFacts, record)


def decode_items(bodies: Iterable[bytes]) -> list[ItemFacts]:
    """Returns the items of JSON texts, without those of no such form."""
    items = (decode_item(json.loads(body)) for body in bodies)
    return [item for item in items if item is not None]


def _decode(build: Callable, kind: type, record: object):
    try:
        return build(*_split(kind, record))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None


def _build_event(known: Mapping, unknown: Mapping) -> Event:
    _check(known, _check_text, *_EVENT_TEXTS)
    _check(known, _check_number, "timestamp")
    if known.get("value") is not None:
        _check_number(known["value"])
    # SQLite takes no whole number of more than 64 bits.
    found = {**known, "timestamp": float(known["timestamp"])}
    if not unknown:
        return Event(**found)
    _dump(unknown)  # it is written again as it is, so it must be possible
    return Event(**found, unknown_fields=unknown)


def _build_exposure(known: Mapping, _: Mapping) -> Exposure:
    _check(known, _check_text, *_EXPOSURE_TEXTS)
    _check(known, _check_number, "timestamp")
    _check_types(known, int, "model_version", "explored_position")
    # What the blend saw stays in the log: nobody reads it from here.
    _check_types(known, Mapping, "arms", "candidates")
    for pair in known.get("arms", {}).items():
        _check_texts(pair)
    items = [_build_exposed(item) for item in known.get("items", ())]
    return Exposure(**{**known, "items": tuple(items)})


def _build_exposed(item: Mapping) -> ExposedItem:
    known, _ = _split(ExposedItem, item)
    _check(known, _check_text, "item_id", "team")
    _check(known, _check_number, "score", "propensity")
    _check_types(known, Mapping, "features")
    return ExposedItem(**known)


def _build_item(known: Mapping, _: Mapping) -> ItemFacts:
    _check(known, _check_text, *_ITEM_TEXTS)
    for name in ("price", "created_at"):
        if known.get(name) is not None:
            _check_number(known[name])
    _check_types(known, bool, "in_stock", "is_deleted")
    categories = known.get("categories") or ()
    _check_type(categories, (list, tuple))
    _check_texts(categories)
    return ItemFacts(**{**known, "categories": tuple(categories)})


def _check(
    known: Mapping, check: Callable[[object], None], *names: str
) -> None:
    """Checks those fields that there are."""
    for name in names:
        if name in known:
            check(known[name])


def _check_types(known: Mapping, kind: type, *names: str) -> None:
    for name in names:
        if name in known:
            _check_type(known[name], kind)


def _check_texts(values: Iterable[object]) -> None:
    for value in values:
        _check_text(value)


def _check_text(value: object) -> None:
    _check_type(value, str)
    if not value.isascii():
        value.encode()  # JSON has halves of characters, UTF-8 has not


def _check_number(value: object) -> None:
    _check_type(value, (int, float))
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"A number must be finite. Received: {value}.")


def _check_type(value: object, kind: type | tuple[type, ...]) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"A record must hold {kind}. Received: {type(value)}.")


def _take_fields(record: object) -> dict:
    # `dataclasses.asdict` would copy every mapping deeply, and slowly.
    return {name: getattr(record, name) for name in _list_fields(type(record))}


def _split(kind: type, record: Mapping) -> tuple[Mapping, dict]:
    """Splits an object into fields of a kind and those that it has not."""
    names = _list_fields(kind)
    if record.keys() <= names.keys():
        return record, {}
    known, unknown = {}, {}
    for name, value in record.items():
        (known if name in names else unknown)[name] = value
    unknown.pop("seq", None)  # the log's own
    return known, unknown


@functools.cache
def _list_fields(kind: type) -> dict[str, None]:
    """Lists the names in their order; a dict finds them quickly, too."""
    names = (field.name for field in dataclasses.fields(kind))
    return dict.fromkeys(name for name in names if name != "unknown_fields")


def _as_floats(features: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in features.items()}


def _dump(record: dict) -> bytes:
    return _ENCODER.encode(record).encode()
