"""Turns raw batches into tables of typed events, items and users."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import ItemsConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.pseudonyms import pseudonymise
from components.behavior_example_gen.reading.cells import Cells
from components.behavior_example_gen.reading.columns.times import split_seconds
from components.behavior_example_gen.reading.raw_batch import RawBatch
from components.behavior_example_gen.reading.row_check import RowCheck
from components.behavior_example_gen.rejects import IGNORED
from components.behavior_example_gen.rejects import MARKS
from components.behavior_example_gen.tie_order import MICROSECOND
from schemas import events as names

_URL = r"^(https?://\S+|/\S*)$"
_SKIP = names.EVENT_TYPES.index("skip")
_NO_TYPE = (
    f"Types are {', '.join(names.EVENT_TYPES)}. `event_types: {{THEIRS: OURS}}`"
    " says what another name means, `{THEIRS: ignore}` leaves such events out."
)


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
        timestamp int64 seconds, 0 where the dataset has no times; value
        float32, null where there is none; positive bool; scenario string; text,
        session_id string where mapped; microsecond int32 where a timestamp has
        a fraction. Only rows that passed; and the check of all rows.
    """
    cells = Cells(batch, config)
    check = cells.check
    user = cells.required_ids(names.USER_ID)
    item = cells.required_ids(names.ITEM_ID)
    time, microsecond = _times(cells, config)
    kind = _event_types(cells, config)
    value = cells.numbers(names.VALUE)
    positive = _positive(kind, value, config)
    if config.value == "count":
        value = _scale_counts(value, cells)
    table = {
        names.USER_ID: _pseudonymised(user, key),
        names.ITEM_ID: item,
        names.EVENT_TYPE: pa.array(kind, pa.int8()),
        names.TIMESTAMP: time,
        names.VALUE: value.cast(pa.float32(), safe=False),
        names.POSITIVE: pa.array(positive),
    }
    scenario = cells.ids(names.SCENARIO)
    table[names.SCENARIO] = scenario.fill_null(config.default_scenario)
    if names.TEXT in config.columns:
        table[names.TEXT] = cells.texts(names.TEXT).fill_null("")
    if names.SESSION_ID in config.columns:
        table[names.SESSION_ID] = cells.ids(names.SESSION_ID).fill_null("")
    if microsecond.any():
        table[MICROSECOND] = pa.array(microsecond)
    return pa.table(table).filter(pa.array(check.passed())), check


def to_items(
    batch: RawBatch, config: ItemsConfig, is_shared: bool = False
) -> tuple[pa.Table, RowCheck]:
    """Types the rows of an items file.

    Args:
        batch: rows as the file spells them.
        config: which column plays which role.
        is_shared: is it a file of events, where another row may tell the
            title? Rows without one then pass, with a null.

    Returns:
        The columns of the Catalog (schemas/artifact_types.py), of rows that
        passed; and the check of all rows.
    """
    cells = Cells(batch, config)
    created_at, _ = split_seconds(cells.moments("created_at", config))
    scenario = cells.ids("scenario").fill_null(config.default_scenario)
    read_title = cells.texts if is_shared else cells.required_texts
    table = {
        "item_id": cells.required_ids("item_id"),
        "title": read_title("title"),
        "description": cells.texts("description").fill_null(""),
        "categories": cells.categories("categories", config.category_separator),
        "price": cells.numbers("price").cast(pa.float32(), safe=False),
        "created_at": created_at,
        "scenario": scenario,
    }
    if "entity_id" in config.columns:
        table["entity_id"] = cells.ids("entity_id").fill_null("")
    if "image_url" in config.columns:
        url = cells.ids("image_url").fill_null("")
        # An item without a cover is better than none.
        is_url = pc.match_substring_regex(url, _URL)
        table["image_url"] = pc.if_else(is_url, url, "")
    for role in ("image_vector", "audio_vector"):
        if role in config.columns:
            table[role] = cells.vectors(role)
    passed = pa.array(cells.check.passed())
    return pa.table(table).filter(passed), cells.check


def find_untitled(items: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Finds rows without a title, and items that have none in any row.

    Args:
        items: rows of `to_items`, in the order of files.

    Returns:
        bool `[rows]`, the rows without a title; and bool `[rows]`, of each
        item that has none the first row.
    """
    is_blank = items["title"].is_null().to_numpy()
    ids = items["item_id"].combine_chunks().dictionary_encode()
    codes = ids.indices.to_numpy()
    has_title = np.zeros(len(ids.dictionary), bool)
    has_title[codes[~is_blank]] = True
    is_first = np.zeros(len(codes), bool)
    is_first[np.unique(codes, return_index=True)[1]] = True
    return is_blank, is_first & ~has_title[codes]


def to_users(
    batch: RawBatch, config: UsersConfig, key: bytes | None
) -> tuple[pa.Table, RowCheck]:
    """Types the rows of a users file.

    Returns:
        user_id string and one column per attribute under its feature name:
        string, or float32, null where missing; and the check of all rows.
    """
    cells = Cells(batch, config)
    user = cells.required_ids(names.USER_ID)
    table = {names.USER_ID: _pseudonymised(user, key)}
    for column, (feature, kind) in attribute_features(config).items():
        if kind == "number":
            number = cells.numbers(column, column)
            table[feature] = number.cast(pa.float32(), safe=False)
        else:
            table[feature] = cells.texts(column, column)
    passed = pa.array(cells.check.passed())
    return pa.table(table).filter(passed), cells.check


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


def _times(cells: Cells, config: EventsConfig) -> tuple[pa.Array, np.ndarray]:
    """Returns seconds, and microseconds within them; 0 without times."""
    if names.TIMESTAMP in config.columns:
        return split_seconds(cells.required_moments(names.TIMESTAMP, config))
    num_rows = len(cells.check.codes)
    return pa.array(np.zeros(num_rows, np.int64)), np.zeros(num_rows, np.int32)


def _scale_counts(counts: pa.Array, cells: Cells) -> pa.Array:
    """Returns log(1 + n): a thousand plays are not a thousand likes."""
    is_bad = pc.less(counts, 0.0).fill_null(False)
    cells.check.warn(
        is_bad.to_numpy(zero_copy_only=False),
        "negative count: value",
        counts,
        "With `value: count`, values must be 0 or more.",
    )
    counts = pc.if_else(is_bad, pa.scalar(None, pa.float64()), counts)
    return pc.log1p(counts)


def _event_types(cells: Cells, config: EventsConfig) -> np.ndarray:
    """Returns int8 `[rows]` indices into EVENT_TYPES; rejects the others."""
    kind = _told_types(cells, config)
    if config.negatives is None:
        return kind
    happened = cells.required_flags("negatives", config.negatives)
    return np.where(happened | (kind < 0), kind, _SKIP)


def _told_types(cells: Cells, config: EventsConfig) -> np.ndarray:
    default = -1
    if config.default_event_type:
        default = names.EVENT_TYPES.index(config.default_event_type)
    if names.EVENT_TYPE not in config.columns:
        return np.full(len(cells.check.codes), default, np.int8)
    text = cells.ids(names.EVENT_TYPE, known=config.event_types)
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
    cells.check.reject(
        kind == -1,
        "missing event_type",
        remedy="Set `default_event_type`, the type of events that name none.",
    )
    cells.check.reject(kind == -2, "unknown event type", text, _NO_TYPE)
    cells.check.reject(kind == -3, MARKS)
    cells.check.reject(kind == -4, IGNORED)
    return kind


def _find_code(event_type: str) -> int:
    if event_type in names.MARK_TYPES:
        return -3
    if event_type == "ignore":
        return -4
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
