import csv

import pytest

from components.behavior_example_gen.reading import csv_layout
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.table_config import TableConfig

_FILE = InputFile("items", "x.csv", 0, 1)


def _find(text: str, columns=("a",), **config):
    table = TableConfig(path="x.csv", **config)
    return csv_layout.find_layout(_FILE, table, list(columns), text.encode())


def test_header_has_its_place_and_its_length():
    found = _find('"x,\ny",é,a\n1,2,3\n', ("a", "é"))
    assert found.places == {"a": 2, "é": 1}
    assert found.num_columns == 3
    assert found.num_header_bytes == len('"x,\ny",é,a\n'.encode())
    assert found.num_header_lines == 2


@pytest.mark.parametrize("delimiter", ["::", "§"])
def test_length_of_the_header_counts_whole_delimiters(delimiter):
    header = f"x{delimiter}a\n"
    found = _find(header + "1", delimiter=delimiter)
    assert found.num_header_bytes == len(header.encode())


def test_name_as_spelt_goes_before_a_name_with_a_type():
    assert _find("a:token,a\n").places == {"a": 1}
    assert _find("a:token,b:float\n", ("a:token", "b")).places == {
        "a:token": 0,
        "b": 1,
    }


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("x;a;b", r"`delimiter: \";\"`"),
        ("x\ta\tb", r"`delimiter: \"\\t\"`"),
        ("x::a::b", r"`delimiter: \"::\"`"),
        ("1,193,5", "`header: none`"),
        ("x,y,b", r"columns \['b', 'x', 'y'\] in x\.csv"),
    ],
)
def test_missing_column_is_named_with_what_may_be_wrong(header, hint):
    with pytest.raises(ValueError, match=f"'a'.*{hint}"):
        _find(header + "\n")


def test_column_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match=r"'a' once.*2 times"):
        _find("a,b,a\n")


def test_position_behind_the_last_column_is_named():
    with pytest.raises(ValueError, match=r"position 3.*3 columns from 0"):
        _find("1,x,y\n", ("0", "3"), header="none")


def test_listed_header_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"1 names for the 2 columns"):
        _find("1,x\n", header=("a",))


def test_stand_in_that_comes_later_in_the_file_is_refused():
    table = TableConfig(path="x.dat", delimiter="::")
    dialect = csv_layout.Dialect.of(table, b"a::b\n\x1f::2\n")
    assert dialect.unify(b"a::b") == b"a\x1eb"
    assert dialect.restore(b"a\x1eb") == b"a::b"
    with pytest.raises(csv.Error, match=r"'\\x1e'.*'::'"):
        dialect.unify(b"3::\x1e")


@pytest.mark.parametrize(
    ("text", "columns", "config"),
    [
        ("anna,x,2020-01-01\n", ("a", "b"), {}),
        ("a,anna,7\n", ("a", "b"), {}),  # a name alone makes no header
        ("anna,x\n", ("2",), {"header": "none"}),
        ("anna,x\n", ("a",), {"header": ["a"]}),
    ],
)
def test_line_that_may_be_a_row_of_a_private_file_is_not_quoted(
    text, columns, config
):
    table = TableConfig(path="x.csv", **config)
    for is_private in (False, True):
        file = InputFile("events", "x.csv", 0, 1, is_private=is_private)
        with pytest.raises(ValueError, match=r"x\.csv") as error:
            csv_layout.find_layout(file, table, list(columns), text.encode())
        assert ("anna" in str(error.value)) != is_private


def test_header_of_a_private_file_is_quoted():
    file = InputFile("events", "x.csv", 0, 1, is_private=True)
    table = TableConfig(path="x.csv")
    with pytest.raises(ValueError, match=r"'b'.*\['a', 'c'\]"):
        csv_layout.find_layout(file, table, ["a", "b"], b"a,c\n")


def test_long_names_are_cut():
    with pytest.raises(ValueError, match=r"\['x{60}\.\.\.'\] in"):
        _find("x" * 1000 + "\n")
