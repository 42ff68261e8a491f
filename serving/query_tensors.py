"""Turns queries and constraints into the inputs of the signatures.

Texts stay as written and every tensor is dense: lists are padded at the end
with "", to the longest of the request. Each list also begins with one "". A
model server that merges requests pads the shorter lists with the first element
of their tensor (TF Serving's `pad_variable_length_inputs`), which must be
padding, not one more view of the oldest event. `candidate_item_id` has no such
"", because its places are those of the answer: what the server adds there is
not read.
"""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from schemas.signatures import NUM_LEADING_PLACES
from serving.query import DEFAULT_EVENT_TYPE
from serving.query import Constraints
from serving.query import Query


def as_queries(query: Query | Sequence[Query]) -> list[Query]:
    """Returns one query or several as a list; an empty list is refused."""
    queries = [query] if isinstance(query, Query) else list(query)
    if not queries:
        raise ValueError("At least one Query is needed. Received: none.")
    return queries


def build_recommend_inputs(
    query: Query | Sequence[Query],
    k: int,
    constraints: Constraints | Sequence[Constraints],
) -> dict[str, np.ndarray]:
    """Builds `schemas.signatures.RECOMMEND_INPUTS`.

    Args:
        query: one query or several.
        k: items wanted, at least 1.
        constraints: for all queries, or one per query.
    """
    queries = as_queries(query)
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: {k}.")
    if isinstance(constraints, Constraints):
        constraints = [constraints] * len(queries)
    _check_rows("constraints", len(constraints), len(queries))
    inputs = build_query_inputs(queries) | build_constraint_inputs(constraints)
    return inputs | {"k": np.full(len(queries), k, np.int32)}


def build_rank_inputs(
    query: Query | Sequence[Query],
    candidate_item_ids: Sequence[str] | Sequence[Sequence[str]],
) -> dict[str, np.ndarray]:
    """Builds `schemas.signatures.RANK_INPUTS`.

    Args:
        query: one query or several.
        candidate_item_ids: ids for all queries, or one list per query.
    """
    queries = as_queries(query)
    is_shared = all(isinstance(c, str) for c in candidate_item_ids)
    rows = (
        [list(candidate_item_ids)] * len(queries)
        if is_shared
        else [list(row) for row in candidate_item_ids]
    )
    _check_rows("candidate_item_ids", len(rows), len(queries))
    inputs = build_query_inputs(queries)
    return inputs | {"candidate_item_id": pad_texts(rows)}


def build_item_inputs(
    titles: Sequence[str],
    descriptions: Sequence[str] = (),
    categories: Sequence[Sequence[str]] = (),
    numbers: Mapping[str, Sequence[float | None]] | None = None,
) -> dict[str, np.ndarray]:
    """Builds `schemas.signatures.ENCODE_ITEMS_INPUTS`, and numbers beside.

    Args:
        titles: B titles.
        descriptions: one per title, or empty.
        categories: one list per title, or empty.
        numbers: input name to one number per title; None = not known.
    """
    numbers = numbers or {}
    descriptions = descriptions or [""] * len(titles)
    categories = categories or [()] * len(titles)
    _check_rows("descriptions", len(descriptions), len(titles))
    _check_rows("categories", len(categories), len(titles))
    for name, values in numbers.items():
        _check_rows(name, len(values), len(titles))
    return {
        "title": texts(titles),
        "description": texts(descriptions),
        "categories": _pad_lists(categories),
        **{name: _numbers_or_nan(values) for name, values in numbers.items()},
    }


def build_query_inputs(queries: Sequence[Query]) -> dict[str, np.ndarray]:
    """Builds `schemas.signatures.QUERY_INPUTS`.

    Args:
        queries: B of them, at least one.

    Returns:
        Input name to array; windows `[B, L]`, the rest `[B]`. Numbers of an
        event left empty are NaN, or 0 for timestamps.
    """
    types = [
        q.event_types or [DEFAULT_EVENT_TYPE] * len(q.item_ids) for q in queries
    ]
    times = [q.timestamps or [0] * len(q.item_ids) for q in queries]
    values = [
        [np.nan if value is None else value for value in q.values]
        for q in queries
    ]
    width = max(len(q.item_ids) for q in queries)
    return {
        "item_id": _pad_lists([q.item_ids for q in queries]),
        "event_type": _pad_lists(types),
        "timestamp": _pad_numbers(times, width, 0, np.int64),
        "value": _pad_numbers(values, width, np.nan, np.float32),
        "need": texts([q.need for q in queries]),
        "scenario": texts([q.scenario for q in queries]),
        "query_time": np.array([q.query_time for q in queries], np.int64),
        "profile": _pad_lists(
            [[f"{k}={v}" for k, v in q.profile.items()] for q in queries]
        ),
    }


def build_constraint_inputs(
    constraints: Sequence[Constraints],
) -> dict[str, np.ndarray]:
    """Builds the inputs of `recommend` other than the query and k.

    Args:
        constraints: one per query, B of them.

    Returns:
        Input name to array; lists of texts `[B, X]`, the rest `[B]`.
    """
    return {
        "excluded_item_id": _pad_lists(
            [c.excluded_item_ids for c in constraints]
        ),
        "allowed_categories": _pad_lists(
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


def _check_rows(name: str, given: int, wanted: int) -> None:
    if given != wanted:
        raise ValueError(
            f"`{name}` must have {wanted} entries, one per query or title. "
            f"Received: {given}."
        )


def _widest(rows: Sequence[Sequence[object]]) -> int:
    return max(1, *(len(row) for row in rows))


def _pad_lists(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """As `pad_texts`, after places that hold ""."""
    leading = ("",) * NUM_LEADING_PLACES
    return pad_texts([(*leading, *row) for row in rows])


def _pad_numbers(
    rows: Sequence[Sequence[float]], width: int, padding: float, dtype: type
) -> np.ndarray:
    shape = (len(rows), NUM_LEADING_PLACES + width)
    array = np.full(shape, padding, dtype=dtype)
    for index, row in enumerate(rows):
        array[index, NUM_LEADING_PLACES:][: len(row)] = row
    return array


def _numbers_or_nan(values: Sequence[float | None]) -> np.ndarray:
    return np.array(
        [np.nan if value is None else value for value in values], np.float32
    )
