"""Parses JSON Lines, and lines of Python literals."""

import ast
import io
import itertools
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch

_PEEKED_LINES = 1000
_FLOAT_WHOLE = 2.0**53  # from here on floats skip whole numbers


def parse(
    lines: list[bytes], numbers: Sequence[int], columns: list[str]
) -> RawBatch:
    """Parses lines of one object each.

    Arrow parses lines that have the same types; only if one of them differs
    they are read one by one. Those may also be Python literals, as Amazon's
    metadata of 2014 are: {'asin': 'B1', 'title': "It's"}.

    Args:
        lines: of the file; blank ones are no rows.
        numbers: their numbers in the file.
        columns: keys to take; other keys are ignored.

    Returns:
        Rows, and the lines that are not JSON objects in UTF-8.
    """
    filled = [bool(line.strip()) for line in lines]
    lines = list(itertools.compress(lines, filled))
    numbers = np.array(list(itertools.compress(numbers, filled)), np.int64)
    block = b"\n".join(lines)
    types = _peek_types(lines, columns)
    for attempt in (types, _as_floats(types)):
        try:
            block.decode()
            table = arrow_json.read_json(
                io.BytesIO(block),
                read_options=arrow_json.ReadOptions(
                    use_threads=False, block_size=len(block) + 1
                ),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=pa.schema(attempt),
                    unexpected_field_behavior="ignore",
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            continue
        arrays = {name: table[name].combine_chunks() for name in columns}
        if table.num_rows == len(numbers) and _is_exact(arrays):
            return RawBatch(columns=arrays, lines=numbers, bad_lines=[])
    return _parse_each(lines, numbers, columns)


def column_names(lines: list[bytes], wanted: list[str]) -> list[str]:
    """Returns the keys of the first lines, and wanted ones that come later."""
    text = b"\n".join(lines)
    later = [
        name
        for name in wanted
        if json.dumps(name).encode() in text or repr(name).encode() in text
    ]
    names = {}
    for line in lines[:_PEEKED_LINES]:
        row = _load(line)
        if isinstance(row, dict):
            names |= dict.fromkeys(row)
    return list(names | dict.fromkeys(later)) if names else []


def _peek_types(lines: list[bytes], columns: list[str]) -> dict:
    kinds = {name: set() for name in columns}
    for line in lines[:_PEEKED_LINES]:
        row = _load(line)
        if isinstance(row, dict):
            for name in columns:
                kinds[name].add(_arrow_type(row.get(name)))
    types = {}
    for name, found in kinds.items():
        found.discard(None)
        if found == {pa.int64(), pa.float64()}:
            found = {pa.float64()}
        types[name] = found.pop() if len(found) == 1 else pa.string()
    return types


def _arrow_type(value: object) -> pa.DataType | None:
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, list):
        numbers = value and all(isinstance(v, int | float) for v in value)
        return pa.list_(pa.float64() if numbers else pa.string())
    by_type = {int: pa.int64(), float: pa.float64(), str: pa.string()}
    return by_type.get(type(value))


def _as_floats(types: dict) -> dict:
    return {
        name: pa.float64() if kind == pa.int64() else kind
        for name, kind in types.items()
    }


def _is_exact(arrays: dict[str, pa.Array]) -> bool:
    """Tells whether no number is so large that floats skip whole ones."""
    return not any(
        pc.any(pc.greater_equal(pc.abs(array), _FLOAT_WHOLE)).as_py()
        for array in arrays.values()
        if array.type == pa.float64()
    )


def _load(line: bytes) -> object:
    """Returns what a line holds; None where that is no JSON."""
    try:
        return json.loads(line)
    except ValueError:  # also UnicodeDecodeError
        pass
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        row = ast.literal_eval(line.decode().strip())
        return json.loads(json.dumps(row))  # with lists for tuples
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _parse_each(
    lines: list[bytes], numbers: np.ndarray, columns: list[str]
) -> RawBatch:
    rows = []
    passed = []
    bad = []
    for number, line in zip(numbers.tolist(), lines, strict=True):
        text = line.decode("utf-8", errors="backslashreplace")
        row = _load(line)
        if not _is_utf8(line, row):
            bad.append(BadLine(number, "not UTF-8", text))
        elif row is None and line.strip() != b"null":
            bad.append(BadLine(number, "not JSON", text))
        elif not isinstance(row, dict):
            bad.append(BadLine(number, "not a JSON object", text))
        else:
            rows.append(row)
            passed.append(number)
    arrays = {name: _column(rows, name) for name in columns}
    return RawBatch(
        columns=arrays, lines=np.array(passed, np.int64), bad_lines=bad
    )


def _is_utf8(line: bytes, row: object) -> bool:
    try:
        line.decode()
        json.dumps(row, ensure_ascii=False).encode()  # lone surrogates
    except UnicodeError:
        return False
    return True


def _column(rows: list[dict], name: str) -> pa.Array:
    values = [row.get(name) for row in rows]
    num_lists = sum(isinstance(value, list) for value in values)
    # Of ids a few lists are faults: as text each one is seen as such.
    if num_lists > sum(value is not None for value in values) / 2:
        texts = [
            None if value is None else [_text(part) for part in _flatten(value)]
            for value in values
        ]
        return pa.array(texts, pa.list_(pa.string()))
    return pa.array([_text(value) for value in values], pa.string())


def _flatten(value: object) -> list:
    """Returns the parts of lists in lists, as Amazon's categories are."""
    if not isinstance(value, list):
        return [value]
    return [part for one in value for part in _flatten(one)]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        # 1.0 is the id 1, as it is in a column of nothing but floats.
        value = int(value) if abs(value) < _FLOAT_WHOLE else value
    return json.dumps(value, ensure_ascii=False)
