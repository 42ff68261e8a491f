"""Converts columns of a file to typed ones, and marks bad rows.

Missing is null. Zero, "0" and 0.0 are values and stay.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.reading.row_check import RowCheck

_NUMBER = r"^\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[nN]a[nN])\s*$"
_MILLISECONDS_FROM = 1e11  # in seconds this is the year 5138
_SECOND = 1_000_000  # in microseconds
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_NO_CAST = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError)


def nulls(array: pa.Array) -> np.ndarray:
    """Returns bool `[rows]`, true where a value is missing."""
    return array.is_null().to_numpy(zero_copy_only=False)


def to_text(array: pa.Array, name: str, check: RowCheck) -> pa.Array:
    """Returns strings, null where missing or empty.

    Args:
        array: strings, bytes, numbers or times.
        name: role, for the reason "not UTF-8: <name>".
        check: gets the rows that cannot be read.
    """
    array = _plain(array)
    if pa.types.is_floating(array.type):
        array = _whole_numbers(array)
    if _is_binary(array.type):
        array = _decode(array, name, check)
    elif pa.types.is_nested(array.type):
        check.reject(~nulls(array), f"wrong type: {name}")
        return pa.nulls(len(array), pa.string())
    elif array.type != pa.string():
        array = array.cast(pa.string())
    empty = pc.equal(array, "")
    if pc.any(empty).as_py():
        array = pc.if_else(empty, pa.scalar(None, pa.string()), array)
    return array


def to_number(array: pa.Array, name: str, check: RowCheck) -> pa.Array:
    """Returns float64, null where missing; NaN counts as missing.

    Rows that hold something else are rejected as "wrong type: <name>", and
    so is what float32 cannot hold.
    """
    array = _plain(array)
    if _is_binary(array.type) or pa.types.is_string(array.type):
        array = _parse_numbers(to_text(array, name, check), name, check)
    elif pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        array = array.cast(pa.float64(), safe=False)
    elif pa.types.is_decimal(array.type) or pa.types.is_boolean(array.type):
        array = array.cast(pa.float64())
    elif array.null_count < len(array):
        check.reject(~nulls(array), f"wrong type: {name}")
        return pa.nulls(len(array), pa.float64())
    else:
        return pa.nulls(len(array), pa.float64())
    values = array.to_numpy(zero_copy_only=False)
    too_large = np.abs(values) > np.finfo(np.float32).max
    check.reject(too_large, f"wrong type: {name}")
    return pa.array(values, pa.float64(), from_pandas=True)


def to_seconds(
    array: pa.Array, unit: str, name: str, check: RowCheck
) -> pa.Array:
    """Returns int64 whole seconds since the epoch, null where missing.

    Args:
        array: numbers, text or Arrow times.
        unit: "s", "ms", "iso8601", or "auto": numbers of at least 1e11 are
            milliseconds, text that is no number is ISO 8601.
        name: role, for the reason "unparsable <name>".
        check: gets the rows that cannot be read.
    """
    seconds, _ = split_seconds(to_microseconds(array, unit, name, check))
    return seconds


def to_microseconds(
    array: pa.Array, unit: str, name: str, check: RowCheck
) -> pa.Array:
    """Returns int64 microseconds since the epoch; the rest as `to_seconds`.

    No finer, because float64 seconds of our time are known to 0.2 of one: so
    one moment is the same number, however a file writes it.
    """
    array = _plain(array)
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        micros = array.cast(pa.timestamp("us"), safe=False)
        return pa.array(_int64(micros), mask=nulls(array))
    reason = f"unparsable {name}"
    if _is_binary(array.type) or pa.types.is_string(array.type):
        text = to_text(array, name, check)
        missing = nulls(text)
        seconds, parsed = _parse_times(text, unit)
    else:
        missing = nulls(array)
        numeric = RowCheck(len(array))
        values = to_number(array, name, numeric)
        seconds = _scale(values.to_numpy(zero_copy_only=False), unit)
        parsed = numeric.passed() & ~nulls(values)
    with np.errstate(invalid="ignore"):
        parsed = parsed & (np.abs(seconds) <= _LAST_SECOND)
    check.reject(~parsed & ~missing, reason)
    known = np.where(parsed, seconds, 0)
    whole = np.floor(known)
    # What is rounded up must not become the next second.
    rest = np.minimum(np.round((known - whole) * _SECOND), _SECOND - 1)
    micros = whole.astype(np.int64) * _SECOND + rest.astype(np.int64)
    return pa.array(micros, mask=~parsed)


def split_seconds(microseconds: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Splits times into whole seconds and the rest.

    Args:
        microseconds: int64, of `to_microseconds`.

    Returns:
        int64 seconds, null where missing; and int32 `[rows]` in [0, 10**6).
    """
    whole, rest = np.divmod(_int64(microseconds), _SECOND)
    return pa.array(whole, mask=nulls(microseconds)), rest.astype(np.int32)


def to_lists(
    array: pa.Array, separator: str, name: str, check: RowCheck
) -> pa.Array:
    """Returns list<string>, split at the separator where it is text.

    Blank parts are left out; a missing cell is an empty list.
    """
    array = _plain(array)
    if pa.types.is_nested(array.type):
        parts = [_clean(row) for row in array.to_pylist()]
    else:
        texts = to_text(array, name, check).to_pylist()
        parts = [_clean((text or "").split(separator)) for text in texts]
    return pa.array(parts, pa.list_(pa.string()))


def to_vectors(array: pa.Array, name: str, check: RowCheck) -> pa.Array:
    """Returns list<float32>, null where missing."""
    array = _plain(array)
    target = pa.list_(pa.float32())
    if array.null_count == len(array):
        return pa.nulls(len(array), target)
    if not pa.types.is_nested(array.type):
        check.reject(~nulls(array), f"wrong type: {name}")
        return pa.nulls(len(array), target)
    try:
        return array.cast(target)
    except _NO_CAST:
        pass  # some row holds no numbers: find out which
    rows = (pa.array([row], array.type) for row in array.to_pylist())
    vectors = [_cast_or_none(row, target) for row in rows]
    bad = np.array([vector is None for vector in vectors], bool)
    check.reject(bad, f"wrong type: {name}")
    blank = pa.nulls(1, target)
    return pa.concat_arrays([vector or blank for vector in vectors])


def _cast_or_none(array: pa.Array, target: pa.DataType) -> pa.Array | None:
    try:
        return array.cast(target)
    except _NO_CAST:
        return None


def _plain(array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type):
        return array.cast(pa.string())
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    return array


def _is_binary(kind: pa.DataType) -> bool:
    return (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _int64(array: pa.Array) -> np.ndarray:
    return array.cast(pa.int64()).fill_null(0).to_numpy()


def _whole_numbers(array: pa.Array) -> pa.Array:
    # pandas writes whole ids as floats once one of them is missing.
    values = array.to_numpy(zero_copy_only=False)
    known = values[np.isfinite(values)]
    if (known == np.floor(known)).all() and (np.abs(known) < 2**53).all():
        array = pa.array(values, from_pandas=True)
        return array.cast(pa.int64())
    return array


def _decode(array: pa.Array, name: str, check: RowCheck) -> pa.Array:
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        pass  # some cell is not UTF-8: find out which
    texts = []
    bad = np.zeros(len(array), bool)
    for row, value in enumerate(array.to_pylist()):
        try:
            texts.append(None if value is None else value.decode())
        except UnicodeDecodeError:
            texts.append(None)
            bad[row] = True
    check.reject(bad, f"not UTF-8: {name}")
    return pa.array(texts, pa.string())


def _parse_numbers(text: pa.Array, name: str, check: RowCheck) -> pa.Array:
    try:
        return text.cast(pa.float64())
    except pa.ArrowInvalid:
        pass  # some cell is no number: find out which
    numeric, missing = _looks_numeric(text), nulls(text)
    check.reject(~numeric & ~missing, f"wrong type: {name}")
    return _cast_where(text, numeric)


def _looks_numeric(text: pa.Array) -> np.ndarray:
    matches = pc.match_substring_regex(text, _NUMBER).fill_null(False)
    return matches.to_numpy(zero_copy_only=False)


def _cast_where(text: pa.Array, mask: np.ndarray) -> pa.Array:
    kept = pc.if_else(pa.array(mask), text, pa.scalar(None, pa.string()))
    trimmed = pc.utf8_trim_whitespace(kept)
    return pc.replace_substring_regex(trimmed, r"^\+", "").cast(pa.float64())


def _parse_times(text: pa.Array, unit: str) -> tuple[np.ndarray, np.ndarray]:
    if unit == "iso8601":
        return _parse_iso(text)
    try:
        values = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return _scale(values, unit), np.isfinite(values)
    except pa.ArrowInvalid:
        pass  # not numbers throughout
    numeric = _looks_numeric(text)
    values = _cast_where(text, numeric).to_numpy(zero_copy_only=False)
    seconds = _scale(values, unit)
    if unit != "auto":
        return seconds, numeric
    rest = pc.if_else(pa.array(numeric), pa.scalar(None, pa.string()), text)
    iso_seconds, iso_parsed = _parse_iso(rest)
    return np.where(numeric, seconds, iso_seconds), numeric | iso_parsed


def _parse_iso(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    times = pd.to_datetime(
        text.to_pandas(), format="ISO8601", utc=True, errors="coerce"
    )
    parsed = times.notna().to_numpy()
    nanos = times.dt.tz_localize(None).to_numpy("datetime64[ns]")
    seconds = np.where(parsed, nanos.astype(np.int64), 0) / 1e9
    return seconds, parsed


def _scale(values: np.ndarray, unit: str) -> np.ndarray:
    if unit == "ms":
        return values / 1000
    if unit == "auto":
        return np.where(
            np.abs(values) >= _MILLISECONDS_FROM, values / 1000, values
        )
    return values


def _clean(parts: list | None) -> list[str]:
    stripped = (str(part).strip() for part in parts or () if part is not None)
    return [part for part in stripped if part]
