"""Vectors of numbers, such as those of images."""

import numpy as np
import pyarrow as pa

from components.behavior_example_gen.reading.columns.plain_cells import NO_CAST
from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck


def to_vectors(
    array: pa.Array, name: str, check: RowCheck | OptionalCheck
) -> pa.Array:
    """Returns list<float32>, null where missing.

    Args:
        array: of `to_plain`.
        name: role, for the reason "wrong type: <name>".
        check: gets the rows that hold no list of numbers.
    """
    target = pa.list_(pa.float32())
    reason = f"wrong type: {name}"
    remedy = f"`{name}` must be a list of numbers."
    if array.null_count == len(array):
        return pa.nulls(len(array), target)
    if not pa.types.is_nested(array.type):
        check.reject(~nulls(array), reason, array, remedy)
        return pa.nulls(len(array), target)
    try:
        return array.cast(target)
    except NO_CAST:
        pass  # some row holds no numbers: find out which
    rows = (pa.array([row], array.type) for row in array.to_pylist())
    vectors = [_cast_or_none(row, target) for row in rows]
    bad = np.array([vector is None for vector in vectors], bool)
    check.reject(bad, reason, array, remedy)
    blank = pa.nulls(1, target)
    return pa.concat_arrays([vector or blank for vector in vectors])


def _cast_or_none(array: pa.Array, target: pa.DataType) -> pa.Array | None:
    try:
        return array.cast(target)
    except NO_CAST:
        return None
