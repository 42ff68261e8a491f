"""E-mail addresses, telephone and card numbers in free text.

A number counts as a telephone number only if it is written as one (with +
and country code, or in North American groups), and as a card number only if
prefix and length belong to an issuer and the check digit is right: ids,
years and prices are full of digits too.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# RE2 and `re` both read these; RE2 has no look-around, so that a candidate
# is confirmed by `find_personal_data`.
_CANDIDATES = {
    "emails": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+",
    "phone_numbers": (
        r"\+[1-9][0-9]{0,2}(?:[ .\-]?\(?[0-9]{2,4}\)?){2,5}"
        r"|(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[.\- ])"
        r"[2-9][0-9]{2}[.\- ][0-9]{4}"
    ),
    "card_numbers": r"[3-6](?:[ \-]?[0-9]){12,18}",
}
_PATTERNS = {
    kind: re.compile(rf"(?<![A-Za-z0-9]){candidate}(?![A-Za-z0-9])")
    if kind == "emails"
    else re.compile(rf"(?<![0-9])(?:{candidate})(?![0-9])")
    for kind, candidate in _CANDIDATES.items()
}
# Prefixes and lengths: ISO/IEC 7812-1 and the issuers' public tables.
_ISSUERS = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}"  # Visa
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]"
    r"|2720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}"  # American Express
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}"  # Diners Club
    r"|6(?:011|5[0-9]{2})[0-9]{12}"  # Discover
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # JCB
)
KINDS = tuple(_CANDIDATES)
_MASK = "***"


def find_personal_data(text: str, kind: str) -> list[str]:
    """Finds what looks like personal data.

    Args:
        text: free text.
        kind: one of `KINDS`.

    Returns:
        The passages as they stand in the text.
    """
    found = [match.group(0) for match in _PATTERNS[kind].finditer(text)]
    if kind == "card_numbers":
        return [passage for passage in found if _is_card_number(passage)]
    if kind == "phone_numbers":
        return [passage for passage in found if _count_digits(passage) >= 8]
    return found


def mask_personal_data(text: str) -> str:
    """Replaces all personal data in a text.

    Of an address its first character is left, of a number its last two
    digits: enough to find the row again, not enough to use it.
    """
    for kind in reversed(KINDS):  # cards first: a phone may sit inside one
        for passage in find_personal_data(text, kind):
            if kind == "emails":
                masked = f"{passage[0]}{_MASK}@{_MASK}"
            else:
                masked = f"{_MASK}{passage.rstrip(') ')[-2:]}"
            text = text.replace(passage, masked)
    return text


def select_personal_data(texts: pa.Array, kind: str) -> np.ndarray:
    """Finds the texts that hold personal data.

    Arrow sieves the column in C++; Python confirms what is left.

    Args:
        texts: string or binary `[N]`, valid UTF-8, no nulls.
        kind: one of `KINDS`.

    Returns:
        int64, the positions of the texts, ascending.
    """
    column = texts.cast(pa.large_string())
    sieve = pc.match_substring_regex(column, _CANDIDATES[kind])
    positions = np.flatnonzero(sieve.to_numpy(zero_copy_only=False))
    confirmed = [
        position
        for position in positions.tolist()
        if find_personal_data(column[position].as_py(), kind)
    ]
    return np.asarray(confirmed, np.int64)


def _count_digits(passage: str) -> int:
    return sum(character.isdigit() for character in passage)


def _is_card_number(passage: str) -> bool:
    digits = re.sub(r"[ \-]", "", passage)
    return bool(_ISSUERS.fullmatch(digits)) and _has_luhn_digit(digits)


def _has_luhn_digit(digits: str) -> bool:
    """Tells whether the check digit is right.

    Source:
        ISO/IEC 7812-1, annex B (Luhn, US patent 2,950,048).
    """
    total = 0
    for position, character in enumerate(reversed(digits)):
        digit = int(character)
        if position % 2:
            digit = digit * 2 - 9 * (digit > 4)
        total += digit
    return total % 10 == 0
