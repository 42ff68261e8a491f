"""Moments in time: numbers in any unit, ISO 8601, or a form that is named."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.reading.columns.ids import to_ids
from components.behavior_example_gen.reading.columns.numbers import NUMBER
from components.behavior_example_gen.reading.columns.plain_cells import drop
from components.behavior_example_gen.reading.columns.plain_cells import flags
from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.columns.time_forms import (
    find_number_form,
)
from components.behavior_example_gen.reading.columns.time_forms import (
    suggest_setting,
)
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck

_SECOND = 1_000_000  # in microseconds
_LAST_MOMENT = 253_402_300_799 * _SECOND  # 9999-12-31T23:59:59Z
_DAY = 86_400  # seconds
_FIRST_EXCEL_DAY = 25_569  # 1970-01-01 counted from 1899-12-30
# In seconds 1e11 is the year 5138, as 1e14 is in ms, and 1e17 in us.
_UNITS_FROM = {"ms": 1e11, "us": 1e14, "ns": 1e17}
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def to_microseconds(
    array: pa.Array,
    unit: str,
    form: str | None,
    name: str,
    check: RowCheck | OptionalCheck,
) -> pa.Array:
    """Returns int64 microseconds since the epoch, null where missing.

    No finer, because float64 seconds of our time are known to 0.2 of one: so
    one moment is the same number, however a file writes it.

    Args:
        array: of `to_plain`: numbers, text or Arrow times.
        unit: of numbers: s, ms, us, ns or excel (days since 1899-12-30);
            "iso8601" = no numbers; "auto" = s, ms, us or ns by their size,
            where text that is no number is ISO 8601. Numbers that look like
            years, dates or Excel's days are then refused.
        form: of text, as strptime takes it; instead of `unit`.
        name: role, for the reason "unparsable <name>".
        check: gets the rows that cannot be read.
    """
    kind = array.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return array.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    if form is not None:
        found = _parse_form(to_ids(array, name, check), form)
    elif pa.types.is_string(kind):
        found = _parse_texts(array, unit)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        found = _scale(array, unit)
    elif pa.types.is_decimal(kind):
        found = _scale(array.cast(pa.float64()), unit)
    else:
        found = pa.nulls(len(array), pa.int64())
    bad = ~nulls(array) & nulls(found)
    if pa.types.is_floating(kind):
        bad &= ~flags(pc.is_nan(array))
    if bad.any():
        remedy = suggest_setting(array.filter(pa.array(bad)), form)
        check.reject(bad, f"unparsable {name}", array, remedy)
    return found


def split_seconds(microseconds: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Splits times into whole seconds and the rest.

    Args:
        microseconds: int64, of `to_microseconds`.

    Returns:
        int64 seconds, null where missing; and int32 `[rows]` in [0, 10**6).
    """
    known = microseconds.fill_null(0).to_numpy()
    whole, rest = np.divmod(known, _SECOND)
    return pa.array(whole, mask=nulls(microseconds)), rest.astype(np.int32)


def _parse_texts(text: pa.Array, unit: str) -> pa.Array:
    if unit == "iso8601":
        return _parse_iso(text)
    for kind in (pa.int64(), pa.float64()):
        try:
            return _scale(text.cast(kind), unit)
        except pa.ArrowInvalid:
            pass  # not such numbers throughout
    is_number = flags(pc.match_substring_regex(text, NUMBER))
    numbers = pc.replace_substring_regex(drop(text, ~is_number), r"^\+", "")
    found = _scale(numbers.cast(pa.float64()), unit)
    if unit != "auto":
        return found
    return pc.coalesce(found, _parse_iso(drop(text, is_number)))


def _parse_iso(text: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(text, "(UTC|GMT)$")).as_py():
        text = pc.replace_substring_regex(text, " ?(UTC|GMT)$", "Z")
    return _read_pandas(text, "ISO8601")


def _parse_form(text: pa.Array, form: str) -> pa.Array:
    return _read_pandas(text, form)


def _read_pandas(text: pa.Array, form: str) -> pa.Array:
    times = pd.to_datetime(
        text.to_pandas(), format=form, utc=True, errors="coerce"
    )
    moments = times.dt.tz_localize(None).to_numpy("datetime64[us]")
    is_known = times.notna().to_numpy()
    return pa.array(moments.astype(np.int64), mask=~is_known)


def _scale(numbers: pa.Array, unit: str) -> pa.Array:
    """Turns numbers into microseconds; null where they are no time."""
    if unit == "iso8601":
        return pa.nulls(len(numbers), pa.int64())
    values = numbers.fill_null(0).to_numpy(zero_copy_only=False)
    is_known = ~nulls(numbers) & np.isfinite(values)
    if unit == "excel":
        days = values.astype(np.float64) - _FIRST_EXCEL_DAY
        values, unit = np.round(days * _DAY * 1000), "ms"
    if unit == "auto":
        is_odd, _ = find_number_form(values, is_known)
        is_known &= ~is_odd
        micros = np.zeros(len(values), np.int64)
        size = np.abs(np.where(is_known, values, 0).astype(np.float64))
        bounds = [0.0, *_UNITS_FROM.values(), np.inf]
        units = ("s", *_UNITS_FROM)
        for one, low, high in zip(units, bounds[:-1], bounds[1:], strict=True):
            rows = (size >= low) & (size < high)
            if rows.any():
                micros[rows], fits = _to_micros(values[rows], one)
                is_known[rows] &= fits
    else:
        micros, fits = _to_micros(values, unit)
        is_known &= fits
    return pa.array(micros, mask=~is_known)


def _to_micros(values: np.ndarray, unit: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns int64 microseconds, and which of them are before 10,000."""
    per_second = _PER_SECOND[unit]
    in_micros = np.abs(values.astype(np.float64)) * (_SECOND / per_second)
    fits = in_micros <= _LAST_MOMENT
    if not fits.all():
        values = np.where(fits, values, 0)
    if np.issubdtype(values.dtype, np.integer):
        values = values.astype(np.int64)
        if per_second > _SECOND:
            return values // (per_second // _SECOND), fits
        return values * (_SECOND // per_second), fits
    seconds = values.astype(np.float64) / per_second
    whole = np.floor(seconds)
    # What is rounded up must not become the next second.
    rest = np.minimum(np.round((seconds - whole) * _SECOND), _SECOND - 1)
    return whole.astype(np.int64) * _SECOND + rest.astype(np.int64), fits
