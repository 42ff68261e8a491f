"""Whatever the standard writers write is read as it was, or is a reject.

`FUZZ_EXAMPLES=20000`, and `--timeout=0`, looks for rarer faults.
"""

import bz2
import csv
import gzip
import io
import json
import re
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.behavior_example_gen.reading import readers
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.table_config import TableConfig

_ANY_SIGN = st.one_of(
    st.sampled_from("ab1 \"'\\,;|\t\n\r.-é€中😀"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1f:"),
)
_PACK = st.sampled_from([bytes, gzip.compress, bz2.compress])
_UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
_BLOCKS = st.sampled_from([128, 150, 200, 1 << 20])  # the header fits in


def _count_lines(text: str) -> int:
    return len(re.findall("\r\n|\r|\n", text))


def _read(content, name, columns, block_bytes, **config):
    """Returns {line: cells} of the rows, and lines of rejects, in order."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(readers, "_BLOCK_BYTES", block_bytes)
        path = Path(folder) / name
        path.write_bytes(content)
        file = InputFile("items", str(path), 0, len(content))
        table = TableConfig(path=str(path), **config)
        readers.check_header(file, table, columns)
        batches = list(readers.read_batches(file, table, columns))
    rows = {}
    bad = []
    for batch in batches:
        cells = [batch.columns[name].to_pylist() for name in columns]
        for line, *row in zip(batch.lines.tolist(), *cells, strict=True):
            assert line not in rows
            rows[line] = [_to_text(cell) for cell in row]
        bad += [one.line for one in batch.bad_lines]
    return rows, bad


def _to_text(cell):
    if isinstance(cell, bytes):
        return cell.decode()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # of a column of fractions
    return None if cell in (None, "") else str(cell)


def _tables(cell):
    """Rows that begin with an id, of two to five columns."""
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.tuples(
                st.integers(0, 10**6).map(lambda n: f"k{n}"),
                *[st.one_of(st.none(), cell)] * width,
            ),
            max_size=12,
        )
    )


@st.composite
def _quoted_csv(draw):
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    rows = draw(_tables(st.text(_ANY_SIGN, max_size=12)))
    escape = draw(st.sampled_from([None, "\\"]))
    style = {
        "delimiter": delimiter,
        "escapechar": escape,
        "doublequote": escape is None,
        "quoting": draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }
    if "\r" in str(rows) or "\\r" in str(rows):
        style["quoting"] = csv.QUOTE_ALL  # others leave \r without quotes
    config = {"delimiter": delimiter, "quoting": "standard", "escape": escape}
    return rows, style, config


@st.composite
def _bare_csv(draw):
    delimiter = draw(st.sampled_from(["\t", ",", "\x01"]))
    sign = _ANY_SIGN.filter(lambda one: one not in f"{delimiter}\r\n")
    rows = draw(_tables(st.text(sign, max_size=12)))
    style = {
        "delimiter": delimiter,
        "quoting": csv.QUOTE_NONE,
        "quotechar": None,
        "escapechar": None,
        "lineterminator": draw(st.sampled_from(["\n", "\r\n", "\r"])),
    }
    return rows, style, {"delimiter": delimiter, "quoting": "none"}


@st.composite
def _wide_delimiters(draw):
    sign = _ANY_SIGN.filter(lambda one: one not in "\r\n")
    rows = draw(_tables(st.text(sign, max_size=12)))
    style = {
        "delimiter": ":",  # made two of below: no cell has one
        "quoting": csv.QUOTE_NONE,
        "quotechar": None,
        "escapechar": None,
        "lineterminator": "\n",
    }
    return rows, style, {"delimiter": "::"}


def _write_lines(rows: list[tuple], style: dict, config: dict) -> list[str]:
    lines = []
    for row in rows:
        text = io.StringIO(newline="")
        csv.writer(text, **style).writerow("" if v is None else v for v in row)
        lines.append(text.getvalue())
    if config["delimiter"] == "::":
        lines = [line.replace(":", "::") for line in lines]
    return lines


@given(
    st.one_of(_quoted_csv(), _bare_csv(), _wide_delimiters()),
    st.sampled_from(["first_line", "typed", "none", "names"]),
    st.sampled_from([*_UNICODE, "gb18030"]),
    _PACK,
    _BLOCKS,
    st.booleans(),
)
def test_csv_comes_out_as_it_went_in(
    written, header, encoding, pack, block_bytes, is_torn
):
    rows, style, config = written
    width = len(rows[0]) if rows else 3
    names = [f"c{place}" for place in range(width)]
    lines = _write_lines(rows, style, config)
    if is_torn and lines:
        lines[-1] = lines[-1].removesuffix(style["lineterminator"])
    columns = names
    if header == "none":
        columns = [str(place) for place in range(width)]
    elif header == "names":
        config["header"] = names
    else:
        titles = [f"{one}:token" for one in names]
        if config["delimiter"] == "::" or header == "first_line":
            titles = names
        lines = [*_write_lines([titles], style, config), *lines]
    if header == "none":
        config["header"] = "none"
    if encoding in ("utf-16-le", "utf-16-be", "gb18030"):
        config["encoding"] = encoding
    content = pack("".join(lines).encode(encoding))
    used, bad = _read(content, "x.csv", columns, block_bytes, **config)
    if not "".join(lines):
        assert (used, bad) == ({}, [0])
        return
    begins = [1]
    for line in lines:
        begins.append(begins[-1] + _count_lines(line))
    first = len(lines) - len(rows)
    extents = list(zip(begins[first:], begins[first + 1 :], strict=False))
    expected = {
        begin: [_to_text(cell) for cell in row]
        for (begin, _), row in zip(extents, rows, strict=True)
    }
    assert len(bad) == len(set(bad))
    assert not set(bad) & set(used)
    if all(end - begin <= 1 for begin, end in extents):
        assert (used, bad) == (expected, [])
    for (begin, end), row in zip(extents, rows, strict=True):
        del row
        within = set(range(begin, max(end, begin + 1)))
        if begin in bad:
            # A cell whose lines look like rows: all its lines are accounted.
            assert within <= set(bad) | set(used)
        else:
            assert used[begin] == expected[begin]
            assert within & (set(bad) | set(used)) == {begin}


@given(
    st.lists(st.text("ab 1", max_size=8), min_size=10, max_size=25),
    st.lists(st.tuples(st.integers(0, 24), st.integers(0, 20)), max_size=2),
    st.sampled_from([256, 1 << 20]),
)
def test_no_line_is_lost_at_a_stray_quote(titles, strays, block_bytes):
    # Eight whole rows tell which columns are numbers.
    lines = [f"{n},The {title},{n}.5" for n, title in enumerate(titles)]
    for place, at in strays:
        place %= len(lines)
        lines[place] = lines[place][:at] + '"' + lines[place][at:]
    content = "\n".join(["id,title,price", *lines, ""]).encode()
    columns = ["id", "title", "price"]
    used, bad = _read(content, "x.csv", columns, block_bytes)
    assert sorted([*used, *bad]) == list(range(2, len(lines) + 2))
    for line, row in used.items():
        if '"' not in lines[line - 2]:
            assert row == lines[line - 2].split(",")


_JSON_SIGN = st.one_of(
    st.sampled_from("ab1 \"'\\,[]{}\n\r\té€中😀\u2028"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)
_JSON_VALUE = st.one_of(
    st.text(_JSON_SIGN, max_size=12),
    st.integers(-(2**70), 2**70),
    st.integers(-9, 9).map(lambda n: n + 0.5),
)


@given(
    _tables(_JSON_VALUE),
    st.sampled_from(["lines", "literals", "array", "indented"]),
    st.booleans(),
    st.sampled_from(_UNICODE),
    _PACK,
    _BLOCKS,
)
def test_json_comes_out_as_it_went_in(
    rows, form, is_ascii, encoding, pack, block_bytes
):
    width = len(rows[0]) if rows else 3
    columns = [f"c{place}" for place in range(width)]
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    texts = [json.dumps(one, ensure_ascii=is_ascii) for one in objects]
    if form == "literals":
        texts = [repr(one) for one in objects]
    text = "\n\n".join(texts) + "\n"
    if form == "array":
        text = "[" + ",\n".join(texts) + "]"
    if form == "indented":
        text = json.dumps(objects, indent=2, ensure_ascii=is_ascii)
    config = {}
    if encoding in ("utf-16-le", "utf-16-be"):
        config["encoding"] = encoding
    content = pack(text.encode(encoding))
    used, bad = _read(content, "x.json", columns, block_bytes, **config)
    assert bad == []
    step = {"lines": 2, "literals": 2, "array": 1, "indented": width + 2}[form]
    first = 2 if form == "indented" else 1
    assert used == {
        first + step * place: [_to_text(cell) for cell in row]
        for place, row in enumerate(rows)
    }


@given(_tables(st.text(_JSON_SIGN, max_size=12)))
def test_parquet_comes_out_as_it_went_in(rows):
    width = len(rows[0]) if rows else 3
    columns = [f"c{place}" for place in range(width)]
    table = pa.table(
        {
            name: pa.array([row[place] for row in rows], pa.string())
            for place, name in enumerate(columns)
        }
    )
    stream = io.BytesIO()
    arrow_parquet.write_table(table, stream)
    used, bad = _read(stream.getvalue(), "x.parquet", columns, 1 << 20)
    assert bad == []
    assert list(used.values()) == [[_to_text(c) for c in row] for row in rows]
