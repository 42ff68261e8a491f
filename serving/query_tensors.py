"""Turns queries and constraints into the inputs of the signatures.

Every text goes in as written and every tensor is dense: windows are padded
at the end with "", to the longest query of the request and to at least one
column.
"""

from collections.abc import Sequence

import numpy as np

from serving.query import DEFAULT_EVENT_TYPE
from serving.query import Constraints
from serving.query import Query


def build_query_inputs(queries: Sequence[Query]) -> dict[str, np.ndarray]:
    """Builds `schemas.signatures.QUERY_INPUTS`.

    Args:
        queries: B of them, at least one.

    Returns:
        Input name to array; windows `[B, L]`, the rest `[B]`.
    """
    types = [
        q.event_types or [DEFAULT_EVENT_TYPE] * len(q.item_ids) for q in queries
    ]
    times = [q.timestamps or [0] * len(q.item_ids) for q in queries]
    values = [
        [np.nan if value is None else value for value in q.values]
        for q in queries
    ]
    width = _widest([q.item_ids for q in queries])
    return {
        "item_id": pad_texts([q.item_ids for q in queries]),
        "event_type": pad_texts(types),
        "timestamp": _pad_numbers(times, width, 0, np.int64),
        "value": _pad_numbers(values, width, np.nan, np.float32),
        "need": texts([q.need for q in queries]),
        "scenario": texts([q.scenario for q in queries]),
        "query_time": np.array([q.query_time for q in queries], np.int64),
    }


def build_constraint_inputs(
    constraints: Sequence[Constraints],
) -> dict[str, np.ndarray]:
    """Builds what `recommend` takes beside the query and k.

    Args:
        constraints: one per query, B of them.

    Returns:
        Input name to array; lists of texts `[B, X]`, the rest `[B]`.
    """
    return {
        "excluded_item_id": pad_texts(
            [c.excluded_item_ids for c in constraints]
        ),
        "allowed_categories": pad_texts(
            [c.allowed_categories for c in constraints]
        ),
        "min_price": _numbers_or_nan([c.min_price for c in constraints]),
        "max_price": _numbers_or_nan([c.max_price for c in constraints]),
        "exclude_history": np.array(
            [c.exclude_history for c in constraints], np.bool_
        ),
    }


def texts(values: Sequence[str]) -> np.ndarray:
    """Packs texts into an object array of bytes `[B]`."""
    return np.array([value.encode() for value in values], dtype=object)


def pad_texts(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """Packs rows of texts into an object array of bytes `[B, L]`."""
    array = np.full((len(rows), _widest(rows)), b"", dtype=object)
    for index, row in enumerate(rows):
        array[index, : len(row)] = [text.encode() for text in row]
    return array


def _widest(rows: Sequence[Sequence[object]]) -> int:
    return max(1, *(len(row) for row in rows))


def _pad_numbers(
    rows: Sequence[Sequence[float]], width: int, padding: float, dtype: type
) -> np.ndarray:
    array = np.full((len(rows), width), padding, dtype=dtype)
    for index, row in enumerate(rows):
        array[index, : len(row)] = row
    return array


def _numbers_or_nan(values: Sequence[float | None]) -> np.ndarray:
    return np.array(
        [np.nan if value is None else value for value in values], np.float32
    )
