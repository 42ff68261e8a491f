import pytest

from pipeline.config_proposal.json_sample import read_json_rows


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}\n{"a": 2}\n',
        '[{"a": 1},\n {"a": 2}]',
        "{'a': 1}\n{'a': 2}\n",
        '{"a": 1}\n{"a": 2}\n{"a": 3, "b": "cut o',
    ],
)
def test_objects_are_found_in_lines_arrays_and_literals(text):
    assert read_json_rows(text) == [{"a": 1}, {"a": 2}]


def test_one_object_that_holds_tables_is_no_list_of_rows():
    assert read_json_rows('{"1": {"name": "A"}, "2": {"name": "B"}}') == []
    assert read_json_rows("not JSON") == []
