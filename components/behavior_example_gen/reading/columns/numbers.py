"""Numbers as people write them: prices, thousands, yes and no."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.reading.columns.plain_cells import drop
from components.behavior_example_gen.reading.columns.plain_cells import flags
from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
_CURRENCY = r"(?:[A-Z]{3}|(?:US|CA|AU|NZ|HK|R)?\$|[€£¥₹₽₩₺₫₴฿]|kr\.?|zł|Kč)"
_AMOUNT = re.compile(
    rf"(?P<sign>[+-]?)\s*(?:{_CURRENCY})?\s*(?P<inner>[+-]?)"
    rf"(?P<digits>\d[\d.,'’\s]*)(?:\s*{_CURRENCY})?"
)
_GROUPS = {  # forms of digits to the mark of decimals in them
    r"\d{1,3}(?:,\d{3})+\.\d+": ".",  # 1,299.00
    r"\d{1,3}(?:\.\d{3})+,\d+": ",",  # 1.299,00
    r"\d{1,3}(?:,\d{3}){2,}": ".",  # 1,299,000
    r"\d{1,3}(?:\.\d{3}){2,}": ",",
    r"\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+": ",",  # 4,5
    r"\d+(?:\.\d+)?": ".",
}
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # where others have a comma
_DECIMAL_FORMS = {
    ".": r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?",
    ",": r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?",
}


def to_numbers(
    array: pa.Array,
    decimal: str | None,
    name: str,
    check: RowCheck | OptionalCheck,
) -> pa.Array:
    """Returns float64, null where missing; NaN counts as missing.

    Rows that hold something else are rejected as "wrong type: <name>", and
    so is what float32 cannot hold.

    Args:
        array: of `to_plain`.
        decimal: the mark before decimals, "." or ","; None = by the number,
            and 1,299 is refused because it may be either, as is 1.299 where
            other numbers can only have a decimal comma.
        name: role.
        check: gets the rows that hold no number.
    """
    kind = array.type
    if pa.types.is_string(kind):
        numbers = _parse(array, decimal)
    elif _is_number(kind):
        numbers = array.cast(pa.float64(), safe=False)
    else:
        numbers = pa.nulls(len(array), pa.float64())
    values = numbers.to_numpy(zero_copy_only=False)
    bad = (nulls(numbers) & ~nulls(array)) | (
        np.abs(values) > np.finfo(np.float32).max
    )
    if bad.any():
        remedy = _find_remedy(array.filter(pa.array(bad))[0].as_py(), name)
        check.reject(bad, f"wrong type: {name}", array, remedy)
        values = np.where(bad, np.nan, values)
    return pa.array(values, pa.float64(), from_pandas=True)


def _is_number(kind: pa.DataType) -> bool:
    return (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def _parse(text: pa.Array, decimal: str | None) -> pa.Array:
    if decimal != ",":
        try:
            return text.cast(pa.float64())
        except pa.ArrowInvalid:
            pass  # some cell is no plain number
    coded = text.dictionary_encode()
    plain = pa.nulls(len(coded.dictionary), pa.float64())
    if decimal != ",":
        is_odd = ~flags(pc.match_substring_regex(coded.dictionary, NUMBER))
        plain = drop(coded.dictionary, is_odd)
        plain = pc.replace_substring_regex(plain, r"^\+", "").cast(pa.float64())
    values = coded.dictionary.to_pylist()
    numbers = [
        number if number is not None else _read_number(value, decimal)
        for number, value in zip(plain.to_pylist(), values, strict=True)
    ]
    odd = coded.dictionary.filter(plain.is_null()).to_pylist()
    if decimal is None and any(
        _find_mark(_find_amount(value)[1], None) == "," for value in odd
    ):
        numbers = [
            None if _EITHER.fullmatch(_find_amount(value)[1]) else number
            for number, value in zip(numbers, values, strict=True)
        ]
    return pa.array(numbers, pa.float64()).take(coded.indices)


def _read_number(text: str, decimal: str | None) -> float | None:
    """Reads one number that is not written as computers do."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text.lower() == "nan":
        return np.nan
    sign, digits = _find_amount(text)
    mark = _find_mark(digits, decimal)
    if mark is None:
        return None
    groups = "," if mark == "." else "."
    return float(sign + digits.replace(groups, "").replace(mark, "."))


def _find_amount(text: str) -> tuple[str, str]:
    """Returns sign and digits with their marks; "" where there are none."""
    found = _AMOUNT.fullmatch(text)
    if not found or (found["sign"] and found["inner"]):
        return "", ""
    digits = re.sub(r"(?<=\d)['’\s](?=\d{3})", "", found["digits"].strip())
    return found["sign"] + found["inner"], digits


def _find_mark(digits: str, decimal: str | None) -> str | None:
    """Returns the mark of decimals; None where it is not known."""
    forms = {_DECIMAL_FORMS[decimal]: decimal} if decimal else _GROUPS
    for form, mark in forms.items():
        if re.fullmatch(form, digits):
            return mark
    return None


def _find_remedy(value: object, name: str) -> str:
    if isinstance(value, str) and _read_number(value, ".") is not None:
        return (
            'It may be one of two numbers: set `decimal: "."` or `decimal:'
            ' ","`, the mark before decimals.'
        )
    if isinstance(value, str) and _read_number(value, ",") is not None:
        return 'Numbers with a decimal comma need `decimal: ","`.'
    return (
        f"`{name}` must be a number, with or without a currency, or a word of"
        " `null_words`."
    )
