import numpy as np
import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns.numbers import to_numbers
from components.behavior_example_gen.reading.row_check import RowCheck


def _read(array, decimal=None):
    check = RowCheck(len(array))
    found = to_numbers(array, decimal, "price", check).to_pylist()
    return found, check


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("1.5", 1.5),
        ("+2", 2.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.25", -1.25),
        ("$12.99", 12.99),
        ("-$12.99", -12.99),
        ("US$ 12.99", 12.99),
        ("12,99 €", 12.99),
        ("EUR 12.99", 12.99),
        ("12.99 USD", 12.99),
        ("¥1,299,000", 1_299_000.0),
        ("1,299.00", 1299.0),
        ("1.299,00", 1299.0),
        ("1 299,50", 1299.5),
        ("1\u202f299,50 €", 1299.5),
        ("1'299.50", 1299.5),
        ("4,5", 4.5),
        ("0,125", 0.125),
        ("true", 1.0),
        ("False", 0.0),
        ("yes", 1.0),
    ],
)
def test_numbers_are_read_as_people_write_them(text, number):
    found, check = _read(pa.array([text, "7", None]))
    assert found == [number, 7.0, None]
    assert check.failures() == []


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1,299", ".", 1299.0),
        ("1,299", ",", 1.299),
        ("1.299", ",", 1299.0),
        ("1.299", ".", 1.299),
        ("4,5", ",", 4.5),
        ("$1,299", ".", 1299.0),
    ],
)
def test_decimal_mark_decides_where_a_number_may_be_two(text, decimal, number):
    assert _read(pa.array([text]), decimal)[0] == [number]


def test_thousands_or_decimals_are_refused_with_the_setting():
    found, check = _read(pa.array(["1,299", "5"]))
    assert found == [None, 5.0]
    assert check.failures() == [(0, "wrong type: price")]
    value, remedy = check.explain("wrong type: price")
    assert value == "'1,299'"
    assert 'decimal: "."' in remedy


@pytest.mark.parametrize("comma", ["2,50", "1.299,00", "2,50 €"])
def test_point_may_divide_thousands_where_others_have_a_decimal_comma(comma):
    found, check = _read(pa.array(["1.299", comma, "3.499 €", "0.125", "7.5"]))
    assert found[0] is found[2] is None
    assert found[3:] == [0.125, 7.5]
    assert check.failures() == [
        (0, "wrong type: price"),
        (2, "wrong type: price"),
    ]
    assert 'decimal: ","' in check.explain("wrong type: price")[1]
    assert _read(pa.array(["1.299", "$2.50"]))[0] == [1.299, 2.5]


def test_decimal_comma_under_a_decimal_point_names_the_setting():
    _, check = _read(pa.array(["4,5"]), ".")
    assert 'need `decimal: ","`' in check.explain("wrong type: price")[1]


@pytest.mark.parametrize(
    "text", ["cheap", "12-15", "$", "1,29,9", "$-", "--5", "1e39", "inf", "5 x"]
)
def test_what_is_no_number_is_rejected_alone(text):
    # float32 ends at about 3.4e38.
    found, check = _read(pa.array([text, "5"]))
    assert found == [None, 5.0]
    assert check.failures() == [(0, "wrong type: price")]


def test_numbers_of_other_types():
    assert _read(pa.array([True, None]))[0] == [1.0, None]
    assert _read(pa.array([0, 3]))[0] == [0.0, 3.0]
    assert _read(pa.array([np.nan, 3.5]))[0] == [None, 3.5]
    found, check = _read(pa.array([np.inf, 1.0]))
    assert (found, check.failures()) == (
        [None, 1.0],
        [(0, "wrong type: price")],
    )
    found, check = _read(pa.array([[1.0], None]))
    assert check.failures() == [(0, "wrong type: price")]
