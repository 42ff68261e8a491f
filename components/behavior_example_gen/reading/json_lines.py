"""Parses JSON Lines block by block."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch

_PEEKED_LINES = 1000
_FLOAT_WHOLE = 2.0**53  # from here on floats skip whole numbers


def parse(block: bytes, first_line: int, columns: list[str]) -> RawBatch:
    """Parses whole lines.

    Arrow parses a block whose lines have the same types; only a block with a
    different line in it is read line by line.

    Args:
        block: lines, the last one without its line break.
        first_line: number of the first of them.
        columns: keys to take; other keys are ignored.

    Returns:
        Rows, and the lines that are not JSON objects in UTF-8.
    """
    lines = block.split(b"\n")
    numbers = np.array(
        [n for n, line in enumerate(lines, first_line) if line.strip()],
        np.int64,
    )
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
    return _parse_each(lines, first_line, columns)


def column_names(block: bytes, wanted: list[str]) -> list[str]:
    """Returns the keys of the first lines, and wanted ones that come later."""
    later = [one for one in wanted if json.dumps(one).encode() in block]
    names = {}
    for line in block.split(b"\n")[:_PEEKED_LINES]:
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
    """Tells whether whole numbers that were read as floats stayed whole."""
    return not any(
        pa.types.is_floating(array.type)
        and pc.any(pc.greater_equal(pc.abs(array), _FLOAT_WHOLE)).as_py()
        for array in arrays.values()
    )


def _load(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:  # also UnicodeDecodeError
        return None


def _parse_each(
    lines: list[bytes], first_line: int, columns: list[str]
) -> RawBatch:
    rows = []
    numbers = []
    bad = []
    for number, line in enumerate(lines, first_line):
        if not line.strip():
            continue
        text = line.decode("utf-8", errors="backslashreplace")
        try:
            row = json.loads(line.decode())
            json.dumps(row, ensure_ascii=False).encode()  # lone surrogates
        except (UnicodeDecodeError, UnicodeEncodeError):
            bad.append(BadLine(number, "not UTF-8", text))
            continue
        except json.JSONDecodeError:
            bad.append(BadLine(number, "not JSON", text))
            continue
        if not isinstance(row, dict):
            bad.append(BadLine(number, "not a JSON object", text))
            continue
        rows.append(row)
        numbers.append(number)
    arrays = {name: _column(rows, name) for name in columns}
    return RawBatch(
        columns=arrays, lines=np.array(numbers, np.int64), bad_lines=bad
    )


def _column(rows: list[dict], name: str) -> pa.Array:
    values = [row.get(name) for row in rows]
    num_lists = sum(isinstance(value, list) for value in values)
    # Of ids a few lists are faults: as text each one is seen as such.
    if num_lists > sum(value is not None for value in values) / 2:
        lists = [
            value if isinstance(value, list | None) else [value]
            for value in values
        ]
        texts = [
            None if one is None else [_text(part) for part in one]
            for one in lists
        ]
        return pa.array(texts, pa.list_(pa.string()))
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        # 1.0 is the id 1, as it is in a column of nothing but floats.
        value = int(value) if abs(value) < _FLOAT_WHOLE else value
    return json.dumps(value, ensure_ascii=False)
