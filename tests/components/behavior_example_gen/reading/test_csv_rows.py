import pytest

from components.behavior_example_gen.reading import csv_rows
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.table_config import TableConfig

_STRAY = "stray quote"
_WIDTH = "wrong number of columns"


def _read(content: str | bytes, columns=("id", "t"), block=None, **config):
    """Returns (line, cells..) of the rows, and (line, reason) of the rest."""
    if isinstance(content, str):
        content = content.encode()
    block = block or len(content)
    blocks = [content[n : n + block] for n in range(0, len(content), block)]
    file = InputFile("items", "x.csv", 0, len(content))
    table = TableConfig(**{"path": "x.csv"} | config)
    rows = []
    bad = []
    for batch in csv_rows.parse(file, table, list(columns), iter(blocks)):
        cells = [batch.columns[name].to_pylist() for name in columns]
        rows += list(zip(batch.lines.tolist(), *cells, strict=True))
        bad += [(one.line, one.reason, one.row) for one in batch.bad_lines]
    return [
        (line, *(cell and cell.decode() for cell in cells))
        for line, *cells in rows
    ], bad


_TSV = '3\t"Foo\t1\n4\tBar\t2\n5\tBaz "x\t3\n6\t"Qux\t4\n'


def test_without_quoting_a_quote_is_a_character():
    rows, bad = _read("id\tt\tv\n" + _TSV, quoting="none", delimiter="\t")
    assert rows == [
        (2, "3", '"Foo'),
        (3, "4", "Bar"),
        (4, "5", 'Baz "x'),
        (5, "6", '"Qux'),
    ]
    assert bad == []


@pytest.mark.parametrize("block", [None, 9, 30])
def test_stray_quote_costs_its_own_line_only(block):
    rows, bad = _read("id\tt\tv\n" + _TSV, delimiter="\t", block=block)
    assert rows == [(3, "4", "Bar"), (4, "5", 'Baz "x')]
    assert bad == [(2, _STRAY, '3\t"Foo\t1'), (5, _STRAY, '6\t"Qux\t4')]


def test_quote_that_another_cell_closes_is_stray():
    # The inch sign ends the cell that `"Foo` begins, and a row with it.
    text = 'id,t,v\n1,Moo,1\n2,"Foo,2\n3,Bar,3\n4,23",4\n5,Moo,5\n'
    rows, bad = _read(text)
    assert [row[0] for row in rows] == [2, 4, 5, 6]
    assert rows[2] == (5, "4", '23"')
    assert bad == [(3, _STRAY, '2,"Foo,2')]


def test_open_quote_in_a_column_without_a_role_costs_its_line_only():
    lines = [f"{n},t{n},note" for n in range(2, 51)]
    lines[10] = '12,t12,"note'
    lines[40] = '42,t42,"note'
    rows, bad = _read("id,t,x\n" + "\n".join(lines) + "\n")
    assert all(int(row[1]) == row[0] for row in rows)
    assert [one[:2] for one in bad] == [(12, _STRAY), (42, _STRAY)]
    assert len(rows) == 47


@pytest.mark.parametrize("block", [None, 17, 64])
def test_cells_may_span_lines_and_hold_delimiters(block):
    text = (
        "id,t,v\n1,Foo,1\n"
        '2,"A title\nof, three\r\n\nlines, and ""more""",2\n'
        "3,Bar,3\n"
        '4,"second, with, commas\nand a, few, more",4\n'
    )
    rows, bad = _read(text, block=block)
    assert rows == [
        (2, "1", "Foo"),
        (3, "2", 'A title\nof, three\r\n\nlines, and "more"'),
        (7, "3", "Bar"),
        (8, "4", "second, with, commas\nand a, few, more"),
    ]
    assert bad == []


def test_quoted_cells_throughout_may_span_lines():
    text = '"id","t","v"\n"1","a\nb ""x"", y, z","2"\n"2","c","3"\n'
    rows, bad = _read(text)
    assert rows == [(2, "1", 'a\nb "x", y, z'), (4, "2", "c")]
    assert bad == []


def test_row_of_the_wrong_width_is_rejected_line_by_line():
    rows, bad = _read('id,t\n1,x\n2,"a\nb",3\n4\n5,y\n')
    assert rows == [(2, "1", "x"), (6, "5", "y")]
    assert bad == [
        (3, _WIDTH, '2,"a'),
        (4, _WIDTH, 'b",3'),
        (5, _WIDTH, "4"),
    ]


def test_backslash_before_quotes_is_taken_away():
    # As Spark and MySQL write.
    text = 'id,t,v\n1,"The \\"Best\\", of\nall",2\n3,"C:\\\\",4\n'
    rows, bad = _read(text, escape="\\")
    assert rows == [(2, "1", 'The "Best", of\nall'), (4, "3", "C:\\")]
    assert bad == []


@pytest.mark.parametrize("delimiter", ["::", "§", ";|;"])
def test_delimiter_may_have_several_characters(delimiter):
    text = '1::Toy Story: "Part" 1, 2|x::5\n2::::6\n3::a\n'.replace(
        "::", delimiter
    )
    rows, bad = _read(text, ("0", "1"), delimiter=delimiter, header="none")
    assert rows == [(1, "1", 'Toy Story: "Part" 1, 2|x'), (2, "2", None)]
    assert bad == [(3, _WIDTH, f"3{delimiter}a")]


def test_delimiter_of_several_characters_stays_within_quotes():
    rows, _ = _read('id::t\n1::"a::b"\n', delimiter="::", quoting="standard")
    assert rows == [(2, "1", "a::b")]


def test_columns_may_be_known_by_position():
    rows, bad = _read("a,1,x\nb,2,y\n", ("2", "0"), header="none")
    assert rows == [(1, "x", "a"), (2, "y", "b")]
    assert bad == []


def test_columns_of_a_file_without_a_header_may_be_named():
    rows, _ = _read("a,1\nb,2\n", ("n",), header=("c", "n"))
    assert rows == [(1, "1"), (2, "2")]


def test_types_in_the_header_are_no_part_of_names():
    # RecBole's .inter and .item.
    text = "id:token\tt:token_seq\n1\tx\n"
    assert _read(text, delimiter="\t")[0] == [(2, "1", "x")]


def test_mark_and_blanks_in_the_header_are_no_part_of_names():
    assert _read("id, t\n1,x\n")[0] == [(2, "1", "x")]


def test_bytes_that_are_not_utf8_stay_as_they_are():
    content = b'id,t\n1,"\xff\n\xff"\n\xc3\n'
    blocks = iter([content])
    file = InputFile("items", "x.csv", 0, len(content))
    table = TableConfig(path="x.csv")
    (batch,) = csv_rows.parse(file, table, ["id", "t"], blocks)
    assert batch.columns["t"].to_pylist() == [b"\xff\n\xff"]
    assert [(one.line, one.row) for one in batch.bad_lines] == [(4, "\\xc3")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [None, 7, 8, 9])
def test_lines_end_as_each_system_ends_them(ending, block):
    text = ending.join(["id,t", "1,x", '2,"y,', 'z"', "3", "4,v"])
    rows, bad = _read(text, block=block)
    assert rows == [(2, "1", "x"), (3, "2", f"y,{ending}z"), (6, "4", "v")]
    assert bad == [(5, _WIDTH, "3")]


def test_backslashes_before_quotes_stop_with_the_setting():
    text = 'id,t\n1,x\n2,"The \\"Best\\" of"\n'
    with pytest.raises(ValueError, match=r"escape: '\\'"):
        _read(text)
    assert _read(text, escape="\\")[0][1] == (3, "2", 'The "Best" of')


def test_quoted_cells_of_a_tab_file_are_said(caplog):
    text = 'id\tt\n1\t"Say ""Hi"" now"\n'
    config = {"path": "x.tsv"}
    assert _read(text, **config)[0] == [(2, "1", '"Say ""Hi"" now"')]
    assert "`quoting: standard`" in caplog.text


@pytest.mark.parametrize("is_private", [False, True])
def test_warning_quotes_no_cell_of_a_private_file(caplog, is_private):
    file = InputFile("events", "x.tsv", 0, 1, is_private=is_private)
    text = b'id\tt\n1\t"say ""anna"" now"\n'
    table = TableConfig(path="x.tsv")
    list(csv_rows.parse(file, table, ["id", "t"], iter([text])))
    assert "seem to be quoted" in caplog.text
    assert ("anna" in caplog.text) != is_private


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_are_told_apart_from_rows_of_empty_cells(end):
    lines = ["id,t", "1,x", "", '2,"y', '"', ",", "", "3,z", ""]
    rows, bad = _read(end.join(lines) + end)
    assert [line for line, *_ in rows] == [2, 4, 6, 8]
    assert rows[2] == (6, None, None)
    assert bad == [(n, "blank line", "") for n in (3, 7, 9)]
