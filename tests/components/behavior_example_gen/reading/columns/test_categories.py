import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns import categories
from components.behavior_example_gen.reading.row_check import RowCheck

_WORDS = frozenset(["", "NULL"])


def _read(array, separator="|"):
    check = RowCheck(len(array))
    found = categories.to_lists(array, separator, _WORDS, "c", check)
    return found.to_pylist(), check.failures()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x| y |", ["x", "y"]),
        ("x|x", ["x"]),
        ("x|NULL", ["x"]),
        ("['A', 'B']", ["A", "B"]),
        ('["A", "B"]', ["A", "B"]),
        ("[A, B]", ["A", "B"]),
        ("[]", []),
        ("[['A', 'B'], ['A', 'C']]", ["A", "B", "C"]),
        ("[{'id': 28, 'name': 'Action'}]", ["Action"]),  # TMDB
        ('[{"id": 28, "name": "Action"}]', ["Action"]),
        ("R&amp;B|Soul", ["R&B", "Soul"]),
        (None, []),
    ],
)
def test_text_is_split_or_read_as_a_list(text, names):
    expected = [names, ["z"]], []
    assert _read(pa.array([text, "z"])) == expected


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([["x", None, " "], None], [["x"], []]),
        ([[["Books"], ["Books", "Kindle"]], None], [["Books", "Kindle"], []]),
        ([[{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]], [["A", "B"]]),
        ([[{"tag": "A"}]], [["A"]]),  # the only text there is
        ([['{"id": 28, "name": "Action"}']], [["Action"]]),  # of JSON Lines
        ([["{draft}"]], [["{draft}"]]),
    ],
    ids=str,
)
def test_lists_are_flattened_to_names(cells, names):
    assert _read(pa.array(cells)) == (names, [])


def test_objects_without_a_name_are_refused():
    array = pa.array([[{"id": 1}], [{"id": 2}]])
    reason = "wrong type: c"
    assert _read(array) == ([[], []], [(0, reason), (1, reason)])


def test_numbers_are_names_too():
    assert _read(pa.array([7, None])) == ([["7"], []], [])


def _warn(texts, separator="|"):
    check = RowCheck(len(texts))
    categories.warn_of_separator(pa.array(texts), separator, "c", check)
    return check.warnings()


def test_another_separator_is_warned_of_with_the_setting():
    (one,) = _warn(["Action, Crime", "Drama", "Comedy, Drama", None])
    assert one.count == 2
    assert one.value == "'Action, Crime'"
    assert 'category_separator: ","' in one.remedy


@pytest.mark.parametrize(
    "texts",
    [
        ["a, b|c", "d, e"],  # the separator is in use
        ["a, b", "c", "d", "e", "f", "g"],  # one in six
        ["['a', 'b']", '["c", "d"]'],  # lists
        [None],
    ],
)
def test_no_warning_where_the_separator_is_right(texts):
    assert _warn(texts) == []
