import decimal

import numpy as np
import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns.ids import to_ids
from components.behavior_example_gen.reading.row_check import RowCheck


def _read(array):
    check = RowCheck(len(array))
    return to_ids(array, "user_id", check).to_pylist(), check.failures()


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["12", None]),
        pa.array(["12.0", None]),  # as pandas writes 12 beside a gap
        pa.array(["12.00", None]),
        pa.array([12, None]),
        pa.array([12, None], pa.uint8()),
        pa.array([12.0, None]),
        pa.array([12.0, np.nan]),
        pa.array([12.0, None], pa.float32()),
        pa.array([decimal.Decimal("12.00"), None]),
        pa.array([decimal.Decimal(12), None], pa.decimal128(38, 10)),
    ],
    ids=lambda array: f"{array.type}-{array[0]}",
)
def test_a_whole_number_is_one_id_however_it_is_written(array):
    assert _read(array) == (["12", None], [])


@pytest.mark.parametrize(
    "text", ["007", "007.0", "1.5", "1.50", "v2.0", "1.0.0", "-", "a.0", "[x"]
)
def test_other_text_is_the_id_as_it_stands(text):
    assert _read(pa.array([text, "1.0"])) == ([text, "1"], [])


def test_large_whole_numbers_keep_all_digits():
    # 2**53 + 1 is the first whole number that a float cannot hold.
    number = 9_007_199_254_740_993
    assert _read(pa.array([number])) == ([str(number)], [])
    assert _read(pa.array([f"{number}.0"])) == ([str(number)], [])


@pytest.mark.parametrize(
    "array",
    [
        pa.array([7.0, 2.0**53]),
        pa.array([7.0, 2.0**24], pa.float32()),
        pa.array(["7", "8.71234E+12"]),  # Excel's view of a long number
    ],
    ids=str,
)
def test_ids_that_may_have_become_others_are_rejected(array):
    assert _read(array) == (["7", None], [(1, "digits lost: user_id")])


@pytest.mark.parametrize(
    "array",
    [
        pa.array([["a"], None]),
        pa.array([{"a": 1}, None]),
        pa.array(['{"a": 1}', None]),
        pa.array(["[1, 2]", None]),
    ],
    ids=str,
)
def test_lists_and_objects_are_no_ids(array):
    assert _read(array) == ([None, None], [(0, "wrong type: user_id")])


def test_fractions_of_a_column_of_floats_stay():
    assert _read(pa.array([0.5, 2.0, None]))[0] == ["0.5", "2", None]


def test_decimals_are_written_without_an_exponent():
    # As text, Arrow writes the first of these as 0E-10.
    numbers = [decimal.Decimal(0), decimal.Decimal("0.0000000125")]
    array = pa.array([*numbers, None], pa.decimal128(38, 10))
    assert _read(array) == (["0", "0.0000000125", None], [])
