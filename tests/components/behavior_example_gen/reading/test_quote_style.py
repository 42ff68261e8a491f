import pytest

from components.behavior_example_gen.reading import quote_style
from components.behavior_example_gen.reading.csv_layout import Dialect
from components.behavior_example_gen.table_config import TableConfig


def _ask(find, text: str, path="x.csv", **config):
    table = TableConfig(path=path, **config)
    return find(text.encode(), table, Dialect.of(table, text.encode()))


def test_backslash_before_a_quote_within_a_cell_is_noticed():
    text = '1,"plain",2\n2,"The \\"Best\\" of",3\n'
    assert _ask(quote_style.find_backslash, text) == (b'"The \\"Best\\" of",3')


@pytest.mark.parametrize(
    "text",
    [
        '1,"ends in a backslash\\",2\n',
        '1,"ends in a backslash\\"\n',
        '1,"12\\"" record",2\n',  # a doubled quote behind a backslash
        '1,12\\"x,2\n',  # not quoted
        '1,"x",2\n',
    ],
)
def test_backslash_that_is_a_character_is_not_noticed(text):
    assert _ask(quote_style.find_backslash, text) is None


def test_setting_says_what_a_backslash_is():
    text = '1,"a \\"b\\" c",2\n'
    assert _ask(quote_style.find_backslash, text, escape='"') is None
    assert _ask(quote_style.find_backslash, text, escape="\\") is None
    assert _ask(quote_style.find_backslash, text, quoting="none") is None


def test_doubled_quotes_in_a_file_without_quotes_are_noticed():
    text = '1\t"Say ""Hi"" now"\t2\n'
    assert _ask(quote_style.find_quoted, text, "x.tsv") == b'"Say ""Hi"" now"'
    assert _ask(quote_style.find_quoted, text, "x.tsv", quoting="none") is None


@pytest.mark.parametrize("title", ['"Foo', '"Foo" bar', '""', '"Foo"'])
def test_other_quotes_there_are_characters(title):
    assert _ask(quote_style.find_quoted, f"1\t{title}\t2\n", "x.tsv") is None
