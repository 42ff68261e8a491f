"""E-mail addresses, telephone, card and bank account numbers in free text.

A number counts as a telephone number if `phonenumbers` finds it valid and it
is written as one: with + and country code, or in groups. It counts as a card
number if prefix and length belong to an issuer and the check digit is right,
unless it may be the number of a product (EAN-13), and as a bank account if it
is a valid IBAN: ids, years and prices are full of digits too.
"""

import re
from collections.abc import Iterator

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from stdnum import ean
from stdnum import iban
from stdnum import luhn

# What Arrow keeps of a column, by RE2, which has no look-around;
# `find_personal_data` confirms it.
_SIEVES = {
    "emails": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+",
    "phone_numbers": (
        r"[+\x{FF0B}][^\pL]{7,}"
        r"|\p{Nd}{3}[^\pL\p{Nd}]{1,4}\p{Nd}{3}[^\pL\p{Nd}]{1,3}\p{Nd}{4}"
    ),
    "card_numbers": r"[3-6](?:[ \-]?[0-9]){12,18}",
    "bank_accounts": (
        r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
    ),
}
_PATTERNS = {
    "emails": re.compile(rf"(?<![A-Za-z0-9]){_SIEVES['emails']}"),
    "card_numbers": re.compile(
        rf"(?<![0-9]){_SIEVES['card_numbers']}(?![0-9])"
    ),
    "bank_accounts": re.compile(
        rf"(?<![A-Z0-9]){_SIEVES['bank_accounts']}(?![A-Z0-9])"
    ),
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
# Numbers without a country code are read as North American ones.
_REGION = "US"
KINDS = tuple(_SIEVES)
_MASK = "***"
_EAN_DIGITS = 13  # as the oldest Visa cards have, which nobody issues any more


def find_personal_data(text: str, kind: str) -> list[str]:
    """Finds what looks like personal data.

    Args:
        text: free text.
        kind: one of `KINDS`.

    Returns:
        The passages as they stand in the text.
    """
    if kind == "phone_numbers":
        return list(_find_phone_numbers(text))
    found = [match.group(0) for match in _PATTERNS[kind].finditer(text)]
    if kind == "card_numbers":
        return [passage for passage in found if _is_card_number(passage)]
    if kind == "bank_accounts":
        return [account for one in found for account in _find_iban(one)]
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
    sieve = pc.match_substring_regex(column, _SIEVES[kind])
    positions = np.flatnonzero(sieve.to_numpy(zero_copy_only=False))
    confirmed = [
        position
        for position in positions.tolist()
        if find_personal_data(column[position].as_py(), kind)
    ]
    return np.asarray(confirmed, np.int64)


def _find_phone_numbers(text: str) -> Iterator[str]:
    for match in phonenumbers.PhoneNumberMatcher(text, _REGION):
        if not match.raw_string.isdecimal():  # else it may as well be an id
            yield match.raw_string


def _is_card_number(passage: str) -> bool:
    digits = re.sub(r"[ \-]", "", passage)
    if not _ISSUERS.fullmatch(digits) or not luhn.is_valid(digits):
        return False
    return len(digits) != _EAN_DIGITS or not ean.is_valid(digits)


def _find_iban(passage: str) -> Iterator[str]:
    """Yields the longest valid IBAN that a passage of groups begins with."""
    while passage:
        if iban.is_valid(passage):
            yield passage
            return
        passage = passage.rpartition(" ")[0]
