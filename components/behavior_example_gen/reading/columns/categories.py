"""Categories: text with a separator, lists, or lists written as text."""

import ast
import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.reading.columns.html_text import read_html
from components.behavior_example_gen.reading.columns.plain_cells import flags
from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck
from components.behavior_example_gen.rejects import HINT

_NAME_KEYS = ("name", "title", "label", "value", "genre", "category")
_OTHER_SEPARATORS = (", ", ",", ";", "|", " / ", ">")
_HINT_SHARE = 0.2  # of the cells that hold another separator


def to_lists(
    array: pa.Array,
    separator: str,
    null_words: frozenset[str],
    name: str,
    check: RowCheck | OptionalCheck,
) -> pa.Array:
    """Returns list<string>; a missing cell is an empty list.

    Args:
        array: of `to_plain`: text that is split at the separator unless it is
            a list in brackets, or lists, whose objects count by their name.
        separator: between two categories of a text.
        null_words: parts that are left out.
        name: role, for the reason "wrong type: <name>".
        check: gets the rows whose categories cannot be told.
    """
    bad = np.zeros(len(array), bool)
    coded = array
    if pa.types.is_nested(array.type):
        values = array.to_pylist()
    else:
        coded = array.cast(pa.string()).dictionary_encode()
        values = [
            _read_text(text, separator) for text in coded.dictionary.to_pylist()
        ]
    lists = [_list_names(value, null_words) for value in values]
    is_bad = np.array([one is None for one in lists], bool)
    found = pa.array([one or [] for one in lists], pa.list_(pa.string()))
    if coded is array:
        bad = is_bad
    else:
        rows = coded.indices.fill_null(len(lists)).to_numpy()
        bad = np.append(is_bad, False)[rows]
        found = pa.concat_arrays([found, pa.array([[]], found.type)])
        found = found.take(pa.array(rows))
    check.reject(
        bad,
        f"wrong type: {name}",
        array,
        f"`{name}` must be names, or objects with a `name`.",
    )
    return found


def warn_of_separator(
    array: pa.Array, separator: str, name: str, check: RowCheck
) -> None:
    """Warns where another separator than the one set is in many cells.

    Args:
        array: of `to_plain`.
        separator: the setting; if any cell has it, it is right.
        name: role.
        check: gets the warning.
    """
    if not pa.types.is_string(array.type):
        return
    is_list = flags(pc.match_substring_regex(array, r"^\[.*\]$"))
    has_own = flags(pc.match_substring(array, separator))
    num_cells = int((~nulls(array) & ~is_list).sum())
    if not num_cells or (has_own & ~is_list).any():
        return
    for other in _OTHER_SEPARATORS:
        has_other = flags(pc.match_substring(array, other)) & ~is_list
        if has_other.sum() > _HINT_SHARE * num_cells:
            check.warn(
                has_other,
                f"{HINT} {name}",
                array,
                f"If they are several, set `category_separator:"
                f' "{other.strip()}"`.',
            )
            return


def _read_text(text: str, separator: str) -> object:
    if text[0] == "[" and text[-1] == "]":
        for read in (json.loads, ast.literal_eval):
            try:
                return read(text)
            except (ValueError, SyntaxError, RecursionError):
                pass  # not this spelling
        return text[1:-1].split(",")  # [Action, Crime], as Spark shows lists
    return read_html(text).split(separator)


def _list_names(value: object, null_words: frozenset[str]) -> list[str] | None:
    """Flattens a value to names; None = some part has no name."""
    if value is None:
        return []
    if isinstance(value, list | tuple | set):
        names = []
        for part in value:
            found = _list_names(part, null_words)
            if found is None:
                return None
            names += found
        return list(dict.fromkeys(names))
    if isinstance(value, dict):
        return _name_object(value, null_words)
    text = str(value).strip()
    if text[:1] == "{" and text[-1:] == "}":  # of a list of objects in JSON
        try:
            return _list_names(json.loads(text), null_words)
        except ValueError:
            pass  # a category in braces
    text = re.sub(r"\s+", " ", read_html(text))
    return [] if not text or text in null_words else [text]


def _name_object(value: dict, null_words: frozenset[str]) -> list[str] | None:
    for key in _NAME_KEYS:
        if isinstance(value.get(key), str):
            return _list_names(value[key], null_words)
    texts = [one for one in value.values() if isinstance(one, str)]
    return _list_names(texts[0], null_words) if len(texts) == 1 else None
