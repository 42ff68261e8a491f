"""Tells which setting reads a column of times that nothing else reads."""

import numpy as np
import pandas as pd
import pyarrow as pa

_MAX_TRIED = 100  # values
_SHARE = 0.9  # of the numbers above 0 that look alike

# The commoner of two that read the same stands first.
_FORMS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %I:%M %p",
    "%Y-%m-%d %I:%M:%S %p",
    "%m/%d/%Y",
    "%m/%d/%y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y",
    "%m-%d-%Y %H:%M",
    "%m-%d-%Y %H:%M:%S",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d-%b-%Y %H:%M:%S",
    "%d %b %Y",
    "%d %B %Y",
    "%d %b %Y %H:%M",
    "%d %b %Y %H:%M:%S",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d, %Y %H:%M",
    "%b %d, %Y %I:%M %p",
    "%B %d, %Y %I:%M %p",
    "%m %d, %Y",
    "%a %b %d %H:%M:%S %z %Y",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S %Z %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y%m%d",
    "%Y%m%d %H:%M",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y",
    "%b %Y",
    "%B %Y",
)


def find_number_form(
    values: np.ndarray, is_known: np.ndarray
) -> tuple[np.ndarray, str]:
    """Finds numbers that are hardly seconds since 1970.

    Args:
        values: numbers `[N]`.
        is_known: bool `[N]`, false where there is none.

    Returns:
        bool `[N]`, the numbers of that form: none of them unless nine of ten
        above 0 have it (0 and -1 often stand for what is unknown); and the
        setting that reads them, "" = none.
    """
    num_known = int((is_known & (values > 0)).sum())
    if num_known:
        for low, high, setting in (
            (1900, 2100, 'timestamp_format: "%Y"'),
            (25_000, 60_000, "timestamp_unit: excel"),
            (19_000_101, 21_001_231, 'timestamp_format: "%Y%m%d"'),
            (19_000_101e6, 21_001_232e6, 'timestamp_format: "%Y%m%d%H%M%S"'),
        ):
            found = is_known & (values >= low) & (values <= high)
            if found.sum() < _SHARE * num_known:
                continue
            if low > 60_000:
                found &= _has_month_and_day(values)
            if found.sum() >= _SHARE * num_known:
                return found, setting
    return np.zeros(len(values), bool), ""


def suggest_setting(values: pa.Array, form: str | None) -> str:
    """Says what reads the values that could not be read.

    Args:
        values: at least one, without nulls.
        form: the `timestamp_format` that did not read them, if one is set.
    """
    if pa.types.is_string(values.type):
        texts = pd.Series(values.slice(0, _MAX_TRIED).to_pylist())
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy()
    elif pa.types.is_nested(values.type):
        texts, numbers = pd.Series([], dtype=object), np.zeros(0)
    else:
        numbers = values.slice(0, _MAX_TRIED).to_numpy(zero_copy_only=False)
        texts = pd.Series(numbers).astype(str)
    is_number = np.array(
        [isinstance(n, int | float) for n in numbers.tolist()], bool
    )
    if (
        form is None
        and is_number.all()
        and not np.isnan(numbers.astype(np.float64)).any()
    ):
        _, setting = find_number_form(numbers, is_number)
        if setting:
            return (
                f"These numbers are no seconds: set `{setting}`, or"
                " `timestamp_unit: s` if they are."
            )
    likely = _find_forms(texts)
    if likely:
        forms = " or ".join(f'`timestamp_format: "{one}"`' for one in likely)
        return f"Its form is likely {forms}."
    if form is not None:
        return f'Times must be written as `timestamp_format: "{form}"` says.'
    return (
        "Allowed are seconds, milliseconds, us or ns since 1970 and ISO 8601;"
        " `timestamp_unit` and `timestamp_format` read others."
    )


def _find_forms(texts: pd.Series) -> list[str]:
    """Returns the form that reads most of the texts, or two that do."""
    if not len(texts):
        return []
    counts = {}
    for form in _FORMS:
        times = pd.to_datetime(texts, format=form, utc=True, errors="coerce")
        if count := int(times.notna().sum()):
            counts[form] = count
    most = max(counts.values(), default=0)
    return [form for form, count in counts.items() if count == most][:2]


def _has_month_and_day(values: np.ndarray) -> np.ndarray:
    days = values.astype(np.float64)
    days = np.floor(np.where(days > 1e9, days / 1e6, days))
    month, day = days // 100 % 100, days % 100
    return (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
