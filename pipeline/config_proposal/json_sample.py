"""Reads the first objects of a JSON text, or of Python literals."""

import ast
import json
from typing import Any

_MAX_ROWS = 20_000
_BETWEEN = " \t\r\n,[]"  # objects


def read_json_rows(text: str) -> list[dict[str, Any]]:
    """Reads objects that stand one after another or in an array.

    Args:
        text: its end may be cut off within an object.

    Returns:
        The objects; none where the text is one object that holds the others
        under names, or no JSON.
    """
    rows = []
    decoder = json.JSONDecoder()
    place = 0
    while len(rows) < _MAX_ROWS:
        while place < len(text) and text[place] in _BETWEEN:
            place += 1
        if place >= len(text):
            break
        try:
            row, place = decoder.raw_decode(text, place)
        except ValueError:
            return rows or _read_literals(text)
        if isinstance(row, dict):
            rows.append(row)
    is_table_of_tables = len(rows) == 1 and all(
        isinstance(value, dict | list) for value in rows[0].values()
    )
    return [] if is_table_of_tables else rows


def _read_literals(text: str) -> list[dict[str, Any]]:
    rows = []
    for line in text.splitlines()[:_MAX_ROWS]:
        try:
            row = ast.literal_eval(line)
        except (ValueError, SyntaxError):
            continue  # the last one may be cut off
        if isinstance(row, dict):
            rows.append(row)
    return rows
