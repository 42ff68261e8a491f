"""Reads the JSON of a request as TF Serving reads it.

The first value counts and what follows is ignored, NaN and Infinity are
numbers, of equal keys the first wins, and bytes within strings need not be
UTF-8. Python's parser does the work; errors get rapidjson's words, which
clients see, with offsets in bytes.

Source: tensorflow_serving/util/json_tensor.cc (SERVING rules R-20, R-26).
"""

import json
import math
import re
from typing import Any

from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument

_MAX_DESCRIPTION_BYTES = 256
_UTF8 = "utf-8"
_KEEP_BYTES = "surrogateescape"

_NOT_EMPTY = re.compile(r"[ \t\n\r]*")
# Possessive: what could be tried again would take memory for each character.
_STRING_OR_BRACKET = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL
)
_ERRORS = {
    "Expecting value": "Invalid value.",
    "Expecting property name": "Missing a name for object member.",
    "Illegal trailing comma": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Unterminated string": "Missing a closing quotation mark in string.",
    "Invalid control character": "Invalid encoding in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
    "Invalid \\escape": "Invalid escape character in string.",
}
_MISSING_COMMA = {
    "{": "Missing a comma or } after an object member.",
    "[": "Missing a comma or ] after an array element.",
}


class InfinityToken(float):
    """`Infinity` as written; a float that overflowed is a plain `inf`."""


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        members = dict(reversed(pairs))
    return members


_DECODER = json.JSONDecoder(
    object_pairs_hook=_first_wins,
    parse_constant={
        "NaN": math.nan,
        "Infinity": InfinityToken("inf"),
        "-Infinity": InfinityToken("-inf"),
    }.__getitem__,
)
_ENCODER = json.JSONEncoder(indent=4, ensure_ascii=False)


def parse_object(body: bytes) -> dict[str, Any]:
    """Parses a request's body, which must be an object.

    Bytes that are no UTF-8 come as `encode_text` takes them.

    Raises:
        ServingError: it is no JSON, or no object.
    """
    if not body:
        raise _parse_error("The document is empty")
    text = body.decode(_UTF8, _KEEP_BYTES).removeprefix("\ufeff")
    start = _NOT_EMPTY.match(text).end()
    if start == len(text):
        raise _parse_error(f"The document is empty. at offset: {len(body)}")
    try:
        value, _ = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _parse_error(_explain(error)) from error
    except RecursionError as error:
        raise _parse_error("The document is nested too deeply.") from error
    except ValueError as error:  # more digits than Python reads
        raise too_big() from error
    if type(value) is not dict:
        raise refuse(value, "Is not object")
    return value


def refuse(value: Any, message: str) -> ServingError:
    """Builds the status for a value that is not as it should be."""
    return invalid_argument(f"JSON Value: {describe(value)} {message}")


def too_big() -> ServingError:
    """Builds the status for a number beyond double."""
    return _parse_error("Number too big to be stored in double.")


def describe(value: Any) -> str:
    """Writes a value for an error message, at most 256 bytes of it."""
    chunks, length = [], 0
    for chunk in _ENCODER.iterencode(value):
        chunks.append(chunk[:_MAX_DESCRIPTION_BYTES])
        length += len(chunks[-1])
        if length >= _MAX_DESCRIPTION_BYTES:
            break
    data = "".join(chunks).encode(_UTF8, "replace")
    return data[:_MAX_DESCRIPTION_BYTES].decode(_UTF8, "ignore")


def name_type(value: Any) -> str:
    """Names the JSON type of a value as TF Serving's errors do."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return str(value)
    for kind, name in ((dict, "Object"), (list, "Array"), (str, "String")):
        if isinstance(value, kind):
            return name
    return "Number"


def encode_text(text: str) -> bytes:
    r"""Returns the bytes of a JSON string, as they came.

    Raises:
        ServingError: half of a surrogate pair, written as `\ud800`.
    """
    try:
        return text.encode(_UTF8, _KEEP_BYTES)
    except UnicodeEncodeError as error:
        raise _parse_error("The surrogate pair in string is invalid.") from (
            error
        )


def _parse_error(message: str) -> ServingError:
    return invalid_argument(f"JSON Parse error: {message}")


def _explain(error: json.JSONDecodeError) -> str:
    before = error.doc[: error.pos]
    reason = next(
        (
            ours
            for theirs, ours in _ERRORS.items()
            if error.msg.startswith(theirs)
        ),
        None,
    )
    if reason is None:
        reason = _MISSING_COMMA[_find_open_bracket(before)]
    offset = len(before.encode(_UTF8, _KEEP_BYTES))
    return f"{reason} at offset: {offset}"


def _find_open_bracket(text: str) -> str:
    """Returns the bracket that the end of an unfinished text is within."""
    is_open = []
    for match in _STRING_OR_BRACKET.finditer(text):
        found = match.group()
        if found in _MISSING_COMMA:
            is_open.append(found)
        elif found in "]}" and is_open:
            is_open.pop()
    return is_open[-1] if is_open else "["
