import pyarrow as pa
import pytest

from components.behavior_example_gen.config import TableConfig
from components.behavior_example_gen.reading import csv_rows
from components.behavior_example_gen.reading.input_files import InputFile

_FILE = InputFile("items", "x.csv", 0, 1)
_TABLE = TableConfig(path="x.csv")


def _read(parse, content: bytes, columns: list[str]):
    stream = pa.BufferReader(content)
    batches = list(parse(_FILE, _TABLE, columns, stream))
    cells = [
        [cell for batch in batches for cell in batch.columns[name].to_pylist()]
        for name in columns
    ]
    return cells, [bad for batch in batches for bad in batch.bad_lines]


@pytest.mark.parametrize("parse", [csv_rows.parse, csv_rows.parse_recoded])
def test_both_ways_read_the_same(parse):
    content = '\ufeffid,größe\n1,\n2,ä\n3\n"4","a,b"\n'.encode()
    cells, bad = _read(parse, content, ["größe", "id"])
    assert cells == [
        [None, "ä".encode(), b"a,b"],
        [b"1", b"2", b"4"],
    ]
    assert [(one.line, one.row) for one in bad] == [(4, "3")]


def test_bytes_that_are_not_utf8_stay_as_they_are():
    content = b"id,t\n1,\xff\n\xc3\n"
    cells, bad = _read(csv_rows.parse_recoded, content, ["id", "t"])
    assert cells == [[b"1"], [b"\xff"]]
    assert [(one.line, one.row) for one in bad] == [(3, "\\xc3")]


def test_row_that_cannot_be_handed_over_is_told_from_other_faults():
    with pytest.raises(pa.ArrowInvalid) as caught:
        _read(csv_rows.parse, b"id,t\n\xff\n", ["id"])
    assert csv_rows.is_unreadable_row(caught.value)
    assert not csv_rows.is_unreadable_row(pa.ArrowInvalid("gzip is torn"))


def test_every_line_behind_an_open_quote_is_counted():
    content = b'id,t,v\n1,x,0\n2,"y,0\n3,z,0\n4,z,0\n'
    cells, bad = _read(csv_rows.parse, content, ["id"])
    assert cells == [[b"1"]]
    assert [(one.line, one.row) for one in bad] == [
        (3, '2,"y,0'),
        (4, "3,z,0"),
        (5, "4,z,0"),
    ]
