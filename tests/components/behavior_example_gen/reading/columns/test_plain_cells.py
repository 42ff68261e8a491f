import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns.plain_cells import (
    join_texts,
)
from components.behavior_example_gen.reading.columns.plain_cells import to_plain
from components.behavior_example_gen.reading.row_check import RowCheck

_WORDS = pa.array(["", "NULL"])


def _read(array):
    check = RowCheck(len(array))
    return to_plain(array, _WORDS, "a", check), check.failures()


@pytest.mark.parametrize(
    "array",
    [
        pa.array([b" x\t", b"NULL", b" ", None]),
        pa.array(["x", " NULL ", "", None]),
        pa.array(["x", "NULL", "", None], pa.large_string()),
        pa.array(["x", "NULL", "", None]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_all_kinds_of_text_are_trimmed_and_emptied(array):
    plain, failures = _read(array)
    assert plain.to_pylist() == ["x", None, None, None]
    assert plain.type == pa.string()
    assert failures == []


@pytest.mark.parametrize(
    "blank", [" ", "\t", "\n", "\r", "\x0b", "\x1f", "\xa0", "\u3000"]
)
def test_each_kind_of_blank_is_trimmed(blank):
    plain, _ = _read(pa.array([f"{blank}x{blank}"]))
    assert plain.to_pylist() == ["x"]


def test_numbers_and_lists_stay_as_they_are():
    for array in (pa.array([0, None]), pa.array([["NULL"], None])):
        assert _read(array) == (array, [])


def test_bytes_that_are_not_utf8_are_rejected_alone():
    for kind in (pa.binary(), pa.binary(2)):
        plain, failures = _read(pa.array([b"\xff\xfe", b"ab"], kind))
        assert plain.to_pylist() == [None, "ab"]
        assert failures == [(0, "not UTF-8: a")]


def test_column_of_nothing_is_text_without_values():
    assert _read(pa.nulls(2))[0].to_pylist() == [None, None]


def test_lists_of_texts_are_one_text():
    lists = [["a b", "c"], ["a", None], [], None, [""]]
    joined = join_texts(pa.array(lists, pa.list_(pa.string())))
    assert joined.to_pylist() == ["a b c", "a", None, None, None]


@pytest.mark.parametrize(
    "array", [pa.array(["a"]), pa.array([1]), pa.array([[1, 2]])]
)
def test_other_columns_are_not_joined(array):
    assert join_texts(array) is array
