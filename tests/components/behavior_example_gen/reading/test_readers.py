import bz2
import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from components.behavior_example_gen.reading import readers
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.table_config import TableConfig


def _read(path: Path, columns=("a", "b"), **config):
    file = InputFile("events", str(path), 0, path.stat().st_size)
    table = TableConfig(path=str(path), **config)
    rows = []
    bad = []
    for batch in readers.read_batches(file, table, list(columns)):
        cells = [batch.columns[name].to_pylist() for name in columns]
        rows += list(zip(batch.lines.tolist(), *cells, strict=True))
        bad += [(line.line, line.reason) for line in batch.bad_lines]
    return rows, bad


def test_csv_cells_stay_as_spelt(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("a,b\n007,\né".encode() + b"\xff,0\n")
    rows, bad = _read(path)
    assert rows == [(2, b"007", None), (3, "é".encode() + b"\xff", b"0")]
    assert bad == []


def test_rows_after_a_bad_one_keep_their_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n3\n4,5\n6,7,8\n9,10\n11")
    rows, bad = _read(path)
    assert [row[0] for row in rows] == [2, 4, 6]
    reason = "wrong number of columns"
    assert bad == [(3, reason), (5, reason), (7, reason)]


def test_lines_are_right_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "_BLOCK_BYTES", 64)
    path = tmp_path / "x.csv"
    lines = [f"{n}" if n % 10 == 0 else f"{n},x" for n in range(2, 400)]
    path.write_text("a,b\n" + "\n".join(lines) + "\n")
    rows, bad = _read(path)
    assert all(int(row[1]) == row[0] for row in rows)
    assert [line for line, _ in bad] == list(range(10, 400, 10))
    assert len(rows) + len(bad) == 398


def test_file_torn_within_a_character_loses_its_last_row_only(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("a,b\n1,é\n2\n3,x\né".encode()[:-1])
    rows, bad = _read(path)
    assert rows == [(2, b"1", "é".encode()), (4, b"3", b"x")]
    reason = "wrong number of columns"
    assert bad == [(3, reason), (5, reason)]


def test_no_row_is_lost_or_doubled_around_a_bad_one_that_is_not_utf8(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(readers, "_BLOCK_BYTES", 64)
    path = tmp_path / "x.csv"
    lines = [b"%d,x" % n for n in range(2, 400)]
    lines[100] = b"102"
    lines[200] = b"\xff"
    lines[300] = b"302"
    path.write_bytes(b"a,b\n" + b"\n".join(lines) + b"\n")
    rows, bad = _read(path)
    assert all(int(row[1]) == row[0] for row in rows)
    assert [line for line, _ in bad] == [102, 202, 302]
    assert len(rows) == 395


def test_quoted_line_breaks_stay_in_their_cell(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'a,b\n1,"two\nlines"\n')
    assert _read(path)[0] == [(2, b"1", b"two\nlines")]


def test_gzip_and_another_delimiter(tmp_path):
    path = tmp_path / "x.tsv.gz"
    path.write_bytes(gzip.compress(b"a\tb\n1\t2\n"))
    assert _read(path, delimiter="\t")[0] == [(2, b"1", b"2")]


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.parquet"])
def test_empty_file_is_one_reject(tmp_path, name):
    path = tmp_path / name
    path.touch()
    assert _read(path) == ([], [(0, "empty file")])


def test_gzip_of_nothing_is_one_reject(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b""))
    assert _read(path) == ([], [(0, "empty file")])


def test_jsonl_counts_lines_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "_BLOCK_BYTES", 50)
    path = tmp_path / "x.jsonl"
    lines = [f'{{"a": "{n}", "b": {n}}}' for n in range(1, 100)]
    lines[49] = '{"a": "50", "b": '
    path.write_text("\n".join(lines))
    rows, bad = _read(path)
    assert all(int(row[1]) == row[0] for row in rows)
    assert bad == [(50, "not JSON")]
    assert len(rows) == 98


def test_parquet_reads_the_mapped_columns(tmp_path):
    path = tmp_path / "x.parquet"
    table = pa.table({"a": ["x", "y"], "b": [0, None], "c": [1, 2]})
    arrow_parquet.write_table(table, path)
    assert _read(path)[0] == [(1, "x", 0), (2, "y", None)]


def test_missing_parquet_column_is_named(tmp_path):
    path = tmp_path / "x.parquet"
    arrow_parquet.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(ValueError, match=r"'b'.*columns \['a'\].*x\.parquet"):
        _read(path)


def test_file_of_another_format_is_named(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"readable parquet.*x\.parquet"):
        _read(path)


def test_torn_gzip_is_named(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 99)[:-12])
    with pytest.raises(ValueError, match=r"readable csv.*x\.csv\.gz"):
        _read(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", "a,c\n1,2\n"), ("x.jsonl", '{"a": 1, "c": 2}\n')],
)
def test_header_check_names_the_missing_column(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    file = InputFile("items", str(path), 0, path.stat().st_size)
    with pytest.raises(ValueError, match=r"'b'.*\['a', 'c'\]"):
        readers.check_header(file, TableConfig(path=str(path)), ["a", "b"])


def test_header_may_end_in_a_carriage_return(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\r1,2\r")
    file = InputFile("items", str(path), 0, path.stat().st_size)
    readers.check_header(file, TableConfig(path=str(path)), ["a", "b"])
    assert _read(path)[0] == [(2, b"1", b"2")]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
@pytest.mark.parametrize("pack", [gzip.compress, bytes, bz2.compress])
def test_packed_files_are_known_by_their_content(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(b"a,b\n1,2\n"))
    file = InputFile("items", str(path), 0, path.stat().st_size)
    readers.check_header(file, TableConfig(path=str(path)), ["a", "b"])
    assert _read(path)[0] == [(2, b"1", b"2")]


def test_excel_workbook_is_named(tmp_path):
    path = tmp_path / "x.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    with pytest.raises(ValueError, match=r"an Excel workbook.*x\.csv"):
        _read(path)


def test_key_that_comes_late_in_json_lines_is_no_missing_column(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n' * 2000 + '{"a": 1, "b": "late"}\n')
    file = InputFile("items", str(path), 0, path.stat().st_size)
    readers.check_header(file, TableConfig(path=str(path)), ["a", "b"])
    assert _read(path)[0][-1] == (2001, 1, "late")


@pytest.mark.parametrize("is_private", [False, True])
@pytest.mark.parametrize("encoding", ["cp1252", "cp1251"])
def test_guess_of_an_encoding_quotes_nothing_of_a_private_file(
    tmp_path, caplog, is_private, encoding
):
    name = {"cp1252": "Zoë Zoë", "cp1251": "Мария Иванова"}[encoding]
    path = tmp_path / "x.csv"
    path.write_bytes(f"a,b\n{name},1\n".encode(encoding))
    size = path.stat().st_size
    file = InputFile("events", str(path), 0, size, is_private=is_private)
    said = ""
    try:
        list(readers.read_batches(file, TableConfig(path=str(path)), ["a"]))
    except ValueError as error:
        said = str(error)
    said += caplog.text
    assert "set `encoding`" in said
    assert ("b'" in said) != is_private
    assert ("Zoë" in said) == (encoding == "cp1252" and not is_private)
