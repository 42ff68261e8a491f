import datetime

import numpy as np
import pyarrow as pa
import pytest

from components.behavior_example_gen.reading import typed_columns
from components.behavior_example_gen.reading.row_check import RowCheck

# 2020-01-01T00:00:00Z, as `date -u -d 2020-01-01 +%s` says.
_NEW_YEAR = 1_577_836_800


def _seconds(values, unit="auto"):
    array = values if isinstance(values, pa.Array) else pa.array(values)
    check = RowCheck(len(array))
    found = typed_columns.to_seconds(array, unit, "timestamp", check)
    return found.to_pylist(), check.failures()


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([b"0", b"", None]), ["0", None, None]),
        (pa.array([0, None, 7]), ["0", None, "7"]),
        (pa.array([0.0, None, 7.0]), ["0", None, "7"]),  # pandas with a gap
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        (pa.array(["x"], pa.large_string()), ["x"]),
        (pa.nulls(1), [None]),
    ],
)
def test_text_of_any_type(array, expected):
    check = RowCheck(len(array))
    assert typed_columns.to_text(array, "a", check).to_pylist() == expected
    assert check.passed().all()


def test_bytes_that_are_not_utf8_are_rejected_alone():
    check = RowCheck(2)
    found = typed_columns.to_text(pa.array([b"\xff", b"x"]), "a", check)
    assert found.to_pylist() == [None, "x"]
    assert check.failures() == [(0, "not UTF-8: a")]


def test_nested_value_is_no_text():
    check = RowCheck(2)
    typed_columns.to_text(pa.array([["x"], None]), "a", check)
    assert check.failures() == [(0, "wrong type: a")]


def test_numbers_of_text():
    check = RowCheck(8)
    texts = [b"0", b" 1.5 ", b"+2", b"1e3", b"", b"NaN", b"x", b"1e39"]
    found = typed_columns.to_number(pa.array(texts), "value", check)
    assert found.to_pylist()[:6] == [0.0, 1.5, 2.0, 1000.0, None, None]
    # float32 ends at about 3.4e38.
    reason = "wrong type: value"
    assert check.failures() == [(6, reason), (7, reason)]


def test_infinity_is_no_number():
    check = RowCheck(1)
    typed_columns.to_number(pa.array([np.inf]), "value", check)
    assert check.failures() == [(0, "wrong type: value")]


@pytest.mark.parametrize(
    "value",
    [
        _NEW_YEAR,
        _NEW_YEAR * 1000,
        str(_NEW_YEAR).encode(),
        f"{_NEW_YEAR}.75".encode(),
        b"2020-01-01",
        b"2020-01-01T00:00:00Z",
        b"2020-01-01 02:00:00+02:00",
        datetime.datetime(2020, 1, 1),
        datetime.date(2020, 1, 1),
    ],
)
def test_seconds_milliseconds_and_iso_are_told_apart(value):
    assert _seconds([value]) == ([_NEW_YEAR], [])


def test_spellings_may_be_mixed():
    texts = [b"0", b"2020-01-01", None, str(_NEW_YEAR * 1000).encode()]
    assert _seconds(texts) == ([0, _NEW_YEAR, None, _NEW_YEAR], [])


def test_units_are_obeyed():
    assert _seconds([5000], "ms") == ([5], [])
    assert _seconds([10**11], "s") == ([10**11], [])
    assert _seconds([b"2020"], "iso8601") == ([_NEW_YEAR], [])


def test_moment_before_1970_rounds_down():
    assert _seconds([-1.5]) == ([-2], [])


@pytest.mark.parametrize("value", [b"soon", b"2020-13-01", b"nan", b"1e300"])
def test_unparsable_time_is_rejected(value):
    reason = "unparsable timestamp"
    assert _seconds([value, b"1"]) == ([None, 1], [(0, reason)])


def test_text_time_is_refused_where_seconds_are_promised():
    _, failures = _seconds([b"2020-01-01", b"5"], "s")
    assert failures == [(0, "unparsable timestamp")]


def test_lists_are_split_and_cleaned():
    array = pa.array([b"x| y |", b"", None])
    found = typed_columns.to_lists(array, "|", "c", RowCheck(3))
    assert found.to_pylist() == [["x", "y"], [], []]
    array = pa.array([["x", None, " "], None])
    found = typed_columns.to_lists(array, "|", "c", RowCheck(2))
    assert found.to_pylist() == [["x"], []]


def test_vectors_come_as_lists_of_numbers():
    check = RowCheck(2)
    array = pa.array([[0.5, 1.0], None])
    found = typed_columns.to_vectors(array, "v", check)
    assert found.to_pylist() == [[0.5, 1.0], None]
    typed_columns.to_vectors(pa.array(["0.5", None]), "v", check)
    assert check.failures() == [(0, "wrong type: v")]


def test_vector_that_is_none_is_rejected_alone():
    check = RowCheck(3)
    rows = pa.array([["1", "2.5"], ["x"], None], pa.list_(pa.string()))
    vectors = typed_columns.to_vectors(rows, "image_vector", check)
    assert vectors.to_pylist() == [[1.0, 2.5], None, None]
    assert check.failures() == [(1, "wrong type: image_vector")]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([5], pa.duration("s")),
        pa.array([5], pa.time32("s")),
        pa.array([[5]]),
    ],
    ids=str,
)
def test_type_that_is_no_moment_is_rejected(array):
    check = RowCheck(1)
    seconds = typed_columns.to_seconds(array, "auto", "time", check)
    assert seconds.to_pylist() == [None]
    assert check.failures() == [(0, "unparsable time")]


def test_binary_ids_that_are_not_utf8_are_rejected():
    check = RowCheck(2)
    array = pa.array([b"\xff\xfe", b"ab"], pa.binary(2))
    assert typed_columns.to_text(array, "id", check).to_pylist() == [None, "ab"]
    assert check.failures() == [(0, "not UTF-8: id")]


def test_map_is_no_vector():
    check = RowCheck(1)
    array = pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))
    assert typed_columns.to_vectors(array, "v", check).to_pylist() == [None]
    assert check.failures() == [(0, "wrong type: v")]


@pytest.mark.parametrize(
    ("array", "unit"),
    [
        (pa.array([b"1577836800.25"]), "auto"),
        (pa.array(["1577836800.25"]), "s"),
        (pa.array([1577836800.25]), "auto"),
        (pa.array([1577836800250]), "auto"),
        (pa.array([b"1577836800250"]), "ms"),
        (pa.array(["2020-01-01T00:00:00.25Z"]), "auto"),
        (pa.array(["2020-01-01T01:00:00.250000+01:00"]), "iso8601"),
        (pa.array([1577836800250], pa.timestamp("ms")), "auto"),
        (pa.array([1577836800250000999], pa.timestamp("ns")), "auto"),
    ],
)
def test_a_moment_within_a_second_is_the_same_in_every_format(array, unit):
    moments = typed_columns.to_microseconds(array, unit, "at", RowCheck(1))
    assert moments.to_pylist() == [_NEW_YEAR * 1_000_000 + 250_000]
    seconds, rest = typed_columns.split_seconds(moments)
    assert (seconds.to_pylist(), rest.tolist()) == ([_NEW_YEAR], [250_000])


def test_the_last_of_a_second_and_times_before_the_epoch_stay_in_theirs():
    array = pa.array([6.9999999, -0.25, None])
    moments = typed_columns.to_microseconds(array, "s", "at", RowCheck(3))
    seconds, rest = typed_columns.split_seconds(moments)
    assert seconds.to_pylist() == [6, -1, None]
    assert rest.tolist() == [999_999, 750_000, 0]
