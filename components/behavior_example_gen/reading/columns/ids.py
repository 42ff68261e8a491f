"""One spelling of an id, whatever the file's format."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.reading.columns.plain_cells import drop
from components.behavior_example_gen.reading.columns.plain_cells import flags
from components.behavior_example_gen.reading.columns.plain_cells import may_hold
from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck

_ODD_CHARACTERS = b".[{+"  # of each of them one is in what is odd
_ODD = r"\.0+$|^[\[{]|[eE]\+"  # what one of the following may match
_WHOLE = r"^([+-]?(?:0|[1-9][0-9]*))\.0+$"  # 12.0, as pandas writes 12
_NESTED = r"^(\{.*\}|\[.*\])$"
_ROUNDED = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}$"  # 1.23457E+12, by Excel
_DIGITS = {2: 2**11, 4: 2**24, 8: 2**53}  # bytes of a float: the first whole
# number whose neighbour it cannot hold


def to_ids(
    array: pa.Array, name: str, check: RowCheck | OptionalCheck
) -> pa.Array:
    """Returns ids as strings, null where missing.

    A whole number that is written with a fraction of zeros is that number:
    12.0 and 12 are one id, in every format. Text is taken as it stands, leading
    zeros included. No id passes through a float: a number that a float of
    the file could not hold exactly is rejected, because others may have
    become the same.

    Args:
        array: of `to_plain`.
        name: role, for the reasons "wrong type: <name>" and "digits lost:
            <name>".
        check: gets the rows that have no id.
    """
    kind = array.type
    if pa.types.is_floating(kind):
        return _from_floats(array, name, check)
    if pa.types.is_nested(kind):
        _reject_nested(~nulls(array), array, name, check)
        return pa.nulls(len(array), pa.string())
    if not pa.types.is_string(kind):
        if not pa.types.is_decimal(kind):
            return array.cast(pa.string())
        array = _write_decimals(array)
    if not may_hold(array, _ODD_CHARACTERS):
        return array
    coded = array.dictionary_encode()  # each id is looked at once
    if not pc.any(pc.match_substring_regex(coded.dictionary, _ODD)).as_py():
        return array
    return _from_odd_texts(array, name, check)


def _write_decimals(array: pa.Array) -> pa.Array:
    """Writes numbers with all their digits: Arrow writes 0E-10 for 0."""
    coded = array.dictionary_encode()
    texts = [f"{number:f}" for number in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


def _from_odd_texts(
    array: pa.Array, name: str, check: RowCheck | OptionalCheck
) -> pa.Array:
    is_nested = flags(pc.match_substring_regex(array, _NESTED))
    _reject_nested(is_nested, array, name, check)
    is_rounded = flags(pc.match_substring_regex(array, _ROUNDED))
    _reject_rounded(is_rounded, array, name, check)
    whole = pc.replace_substring_regex(array, _WHOLE, r"\1")
    return drop(whole, is_nested | is_rounded)


def _from_floats(
    array: pa.Array, name: str, check: RowCheck | OptionalCheck
) -> pa.Array:
    values = array.to_numpy(zero_copy_only=False).astype(np.float64)
    is_known = np.isfinite(values)
    known = np.where(is_known, values, 0.0)
    is_rounded = np.abs(known) >= _DIGITS[array.type.bit_width // 8]
    _reject_rounded(is_rounded, array, name, check)
    is_whole = ~is_rounded & (known == np.floor(known))
    numbers = np.where(is_whole, known, 0).astype(np.int64)
    texts = pa.array(numbers, mask=~is_known).cast(pa.string())
    if (is_whole | ~is_known).all():
        return texts
    others = drop(array.cast(pa.string()), ~is_known | is_rounded)
    return pc.if_else(pa.array(is_whole), texts, others)


def _reject_nested(mask, array, name, check) -> None:
    check.reject(
        mask,
        f"wrong type: {name}",
        array,
        f"`{name}` must be a text or a number, no list and no object.",
    )


def _reject_rounded(mask, array, name, check) -> None:
    check.reject(
        mask,
        f"digits lost: {name}",
        array,
        f"`{name}` must be written with all its digits: as text or as a whole"
        " number, not as a float.",
    )
