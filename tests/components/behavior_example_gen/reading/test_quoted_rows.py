import pytest

from components.behavior_example_gen.reading import quoted_rows
from components.behavior_example_gen.reading.csv_layout import Dialect

_DIALECT = Dialect(",", ",", has_quotes=True, escape=None)


def _find(text: str, num_columns=3, is_last=True, dialect=_DIALECT):
    rows = quoted_rows.find_rows(text.encode(), dialect, num_columns, is_last)
    return rows.starts.tolist(), [line for line, _ in rows.stray]


_GOOD = "".join(f"b{n},Title {n},{n}.5\n" for n in range(10, 15))


def test_lines_that_are_rows_are_swallowed():
    swallowed = 'b1,"Foo,1.5\nb2,Bar,2.5\nb3,Baz",3.5\n'
    assert _find(_GOOD + swallowed) == ([0, 1, 2, 3, 4, 6, 7], [5])


@pytest.mark.parametrize(
    "text",
    [
        'b1,"Foo,1.5\nwhich, they say, is so\nthe, end",3.5\n',
        # No id at the beginning.
        'b1,"Foo,1\nbut then, they say,2",3.5\n',
    ],
)
def test_lines_that_are_no_rows_are_part_of_a_cell(text):
    starts, stray = _find(_GOOD + text)
    assert (starts, stray) == ([0, 1, 2, 3, 4, 5], [])


def test_cell_that_goes_on_behind_its_end_is_stray():
    assert _find('1,"Foo,2\n3,"Bar",4\n') == ([1], [0])


def test_quote_without_an_end_is_stray():
    assert _find('1,"Foo,2\n3,Bar,4\n') == ([1], [0])


def test_row_that_may_go_on_is_left_for_the_next_block():
    rows = quoted_rows.find_rows(b'1,x,2\n1,"Foo,2\n', _DIALECT, 3, False)
    assert (rows.text, rows.num_lines) == (b"1,x,2\n", 1)


def test_cell_of_more_than_a_thousand_lines_is_stray():
    lines = "x\n" * 999  # and `",2` is the last line
    assert _find(f'1,"{lines}",2\n') == ([0], [])
    starts, stray = _find(f'1,"{lines}x\n",2\n', is_last=False)
    assert stray == [0]
    assert starts[0] == 1


def test_cells_of_a_single_column_are_no_rows():
    assert _find('a\n"b\nc"\nd\n', num_columns=1) == ([0, 1, 3], [])


def test_end_within_quotes_is_open():
    assert quoted_rows.ends_open(b'1,x\n2,"y\n', _DIALECT)
    assert quoted_rows.ends_open(b'2,"y', _DIALECT)
    assert not quoted_rows.ends_open(b'2,"y"\n\n', _DIALECT)
    assert not quoted_rows.ends_open(b'1,23"\n', _DIALECT)
    escaped = Dialect(",", ",", has_quotes=True, escape="\\")
    assert quoted_rows.ends_open(b'2,"y\\"\n', escaped)


def test_descriptions_with_as_many_commas_as_rows_stay_whole():
    text = "".join(f'{n},"line one, of\nline two, of {n}"\n' for n in range(9))
    assert _find(text, num_columns=2) == (list(range(0, 18, 2)), [])


def test_swallowed_lines_are_rows_though_one_has_another_width():
    swallowed = 'b1,"Foo,1.5\nb2,Bar,2.5\nb3\nb4,Baz",3.5\n'
    assert _find(_GOOD + swallowed)[1] == [5]


def test_number_that_spans_lines_is_stray():
    text = 'b1,Foo,"1.5\nwhatever,2\nb3,Baz,2.5"\n'
    assert _find(_GOOD + text)[1] == [5]
