"""Turns raw batches into tables of typed events, items and users."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import ItemsConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.pseudonyms import pseudonymise
from components.behavior_example_gen.reading import typed_columns
from components.behavior_example_gen.reading.raw_batch import RawBatch
from components.behavior_example_gen.reading.row_check import RowCheck
from components.behavior_example_gen.rejects import MARKS
from components.behavior_example_gen.tie_order import MICROSECOND
from schemas import events as names

_URL = r"^(https?://\S+|/\S*)$"
OPTIONAL_TEXTS = (names.TEXT, names.SESSION_ID)


def to_events(
    batch: RawBatch, config: EventsConfig, key: bytes | None
) -> tuple[pa.Table, RowCheck]:
    """Types the rows of an events file.

    Args:
        batch: rows as the file spells them.
        config: which column plays which role.
        key: replaces user ids by digests; None keeps them.

    Returns:
        user_id, item_id string; event_type int8, index into EVENT_TYPES;
        timestamp int64 seconds; value float32, null where there is none;
        positive bool; scenario string; text, session_id string where
        mapped; microsecond int32 where a timestamp has a fraction. Only rows
        that passed; and the check of all rows.
    """
    check = RowCheck(len(batch.lines))
    user = _required(batch, config.columns, names.USER_ID, check)
    item = _required(batch, config.columns, names.ITEM_ID, check)
    moments = typed_columns.to_microseconds(
        batch.columns[config.columns[names.TIMESTAMP]],
        config.timestamp_unit,
        names.TIMESTAMP,
        check,
    )
    time, microsecond = typed_columns.split_seconds(moments)
    check.reject(typed_columns.nulls(time), "missing timestamp")
    kind = _event_types(batch, config, check)
    value = _number(batch, config.columns, names.VALUE, check)
    table = {
        names.USER_ID: _pseudonymised(user, key),
        names.ITEM_ID: item,
        names.EVENT_TYPE: pa.array(kind, pa.int8()),
        names.TIMESTAMP: time,
        names.VALUE: value.cast(pa.float32(), safe=False),
        names.POSITIVE: pa.array(_positive(kind, value, config)),
    }
    scenario = _text(batch, config.columns, names.SCENARIO, check)
    table[names.SCENARIO] = scenario.fill_null(config.default_scenario)
    for name in OPTIONAL_TEXTS:
        if name in config.columns:
            text = _text(batch, config.columns, name, check)
            table[name] = text.fill_null("")
    if microsecond.any():
        table[MICROSECOND] = pa.array(microsecond)
    return pa.table(table).filter(pa.array(check.passed())), check


def to_items(batch: RawBatch, config: ItemsConfig) -> tuple[pa.Table, RowCheck]:
    """Types the rows of an items file.

    Returns:
        The columns of the Catalog (schemas/artifact_types.py), of rows that
        passed; and the check of all rows.
    """
    check = RowCheck(len(batch.lines))
    table = {
        role: _required(batch, config.columns, role, check)
        for role in ("item_id", "title")
    }
    description = _text(batch, config.columns, "description", check)
    table["description"] = description.fill_null("")
    table["categories"] = typed_columns.to_lists(
        _column(batch, config.columns, "categories"),
        config.category_separator,
        "categories",
        check,
    )
    price = _number(batch, config.columns, "price", check)
    table["price"] = price.cast(pa.float32(), safe=False)
    table["created_at"] = typed_columns.to_seconds(
        _column(batch, config.columns, "created_at"),
        config.timestamp_unit,
        "created_at",
        check,
    )
    scenario = _text(batch, config.columns, "scenario", check)
    table["scenario"] = scenario.fill_null(config.default_scenario)
    if "entity_id" in config.columns:
        entity = _text(batch, config.columns, "entity_id", check)
        table["entity_id"] = entity.fill_null("")
    if "image_url" in config.columns:
        url = _text(batch, config.columns, "image_url", check).fill_null("")
        # An item without a cover is better than none.
        is_url = pc.match_substring_regex(url, _URL)
        table["image_url"] = pc.if_else(is_url, url, "")
    for role in ("image_vector", "audio_vector"):
        if role in config.columns:
            column = _column(batch, config.columns, role)
            table[role] = typed_columns.to_vectors(column, role, check)
    return pa.table(table).filter(pa.array(check.passed())), check


def to_users(
    batch: RawBatch, config: UsersConfig, key: bytes | None
) -> tuple[pa.Table, RowCheck]:
    """Types the rows of a users file.

    Returns:
        user_id string and one column per attribute under its feature name:
        string, or float32, null where missing; and the check of all rows.
    """
    check = RowCheck(len(batch.lines))
    user = _required(batch, config.columns, names.USER_ID, check)
    table = {names.USER_ID: _pseudonymised(user, key)}
    for column, (feature, kind) in attribute_features(config).items():
        if kind == "number":
            number = typed_columns.to_number(
                batch.columns[column], column, check
            )
            table[feature] = number.cast(pa.float32(), safe=False)
        else:
            table[feature] = typed_columns.to_text(
                batch.columns[column], column, check
            )
    return pa.table(table).filter(pa.array(check.passed())), check


def attribute_features(config: UsersConfig) -> dict[str, tuple[str, str]]:
    """Returns {column: (feature name, "text" or "number")}."""
    groups = (
        (names.USER_ATTRIBUTE_PREFIX, config.attributes),
        (names.SENSITIVE_ATTRIBUTE_PREFIX, config.sensitive),
    )
    return {
        column: (prefix + column, kind)
        for prefix, group in groups
        for column, kind in group.items()
    }


def _column(batch: RawBatch, columns: dict, role: str) -> pa.Array:
    if role in columns:
        return batch.columns[columns[role]]
    return pa.nulls(len(batch.lines), pa.string())


def _text(
    batch: RawBatch, columns: dict, role: str, check: RowCheck
) -> pa.Array:
    return typed_columns.to_text(_column(batch, columns, role), role, check)


def _number(
    batch: RawBatch, columns: dict, role: str, check: RowCheck
) -> pa.Array:
    return typed_columns.to_number(_column(batch, columns, role), role, check)


def _required(
    batch: RawBatch, columns: dict, role: str, check: RowCheck
) -> pa.Array:
    array = _text(batch, columns, role, check)
    if role == "title":
        blank = pc.equal(pc.utf8_trim_whitespace(array), "")
        array = pc.if_else(blank, pa.scalar(None, pa.string()), array)
    check.reject(typed_columns.nulls(array), f"missing {role}")
    return array


def _event_types(
    batch: RawBatch, config: EventsConfig, check: RowCheck
) -> np.ndarray:
    """Returns int8 `[rows]` indices into EVENT_TYPES; rejects the others."""
    default = -1
    if config.default_event_type:
        default = names.EVENT_TYPES.index(config.default_event_type)
    if names.EVENT_TYPE not in config.columns:
        return np.full(len(batch.lines), default, np.int8)
    text = _text(batch, config.columns, names.EVENT_TYPE, check)
    encoded = text.dictionary_encode()
    codes = [
        _find_code(ours)
        for ours in (
            config.event_types.get(theirs, theirs)
            for theirs in encoded.dictionary.to_pylist()
        )
    ]
    indices = encoded.indices.fill_null(len(codes)).to_numpy()
    kind = np.array([*codes, default], np.int8)[indices]
    check.reject(kind == -1, "missing event_type")
    check.reject(kind == -2, "unknown event type")
    check.reject(kind == -3, MARKS)
    return kind


def _find_code(event_type: str) -> int:
    if event_type in names.MARK_TYPES:
        return -3
    types = names.EVENT_TYPES
    return types.index(event_type) if event_type in types else -2


def _positive(
    kind: np.ndarray, value: pa.Array, config: EventsConfig
) -> np.ndarray:
    by_type = np.array(
        [name in config.positive_event_types for name in names.EVENT_TYPES]
    )
    positive = by_type[np.maximum(kind, 0)]
    if config.positive_value is not None:
        reached = pc.greater_equal(value, config.positive_value)
        positive |= reached.fill_null(False).to_numpy(zero_copy_only=False)
    return positive


def _pseudonymised(user: pa.Array, key: bytes | None) -> pa.Array:
    if key is None:
        return user
    encoded = user.dictionary_encode()
    digests = pseudonymise(encoded.dictionary.to_pylist(), key)
    return pa.array(digests, pa.string()).take(encoded.indices)
