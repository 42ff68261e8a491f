import numpy as np
import pyarrow as pa

from components.behavior_example_gen.reading.row_check import Fault
from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck


def test_first_reason_against_a_row_stays():
    check = RowCheck(2)
    check.reject(np.array([True, False]), "first")
    check.reject(np.array([True, True]), "second")
    assert check.failures() == [(0, "first"), (1, "second")]
    assert not check.passed().any()


def test_first_row_that_a_reason_counts_for_is_quoted():
    check = RowCheck(3)
    values = pa.array(["a", "b", "c"])
    check.reject(np.array([True, False, False]), "first", values)
    check.reject(np.array([True, True, True]), "second", values, "Mend it.")
    assert check.explain("second") == ("'b'", "Mend it.")
    assert check.explain("unknown") == ("", "")


def test_long_values_are_cut_and_bytes_are_shown_as_text():
    check = RowCheck(1)
    check.reject(np.array([True]), "long", pa.array(["x" * 100]))
    value, _ = check.explain("long")
    assert value == "'" + "x" * 59 + "..."
    check = RowCheck(1)
    check.reject(np.array([True]), "bytes", pa.array([b"\xffa"]))
    assert check.explain("bytes")[0] == repr("\\xffa")


def test_rejects_are_counted_by_reason_and_may_be_left_out_of_the_list():
    check = RowCheck(4)
    values = pa.array(["a", "b", "c", "d"])
    check.reject(np.array([False, True, False, True]), "bad", values, "Mend.")
    check.reject(np.array([True, True, False, False]), "ignored", values)
    assert check.rejects() == [
        Fault("bad", 2, 1, "'b'", "Mend."),
        Fault("ignored", 1, 0, "'a'", ""),
    ]
    assert check.failures(but=["ignored"]) == [(1, "bad"), (3, "bad")]


def test_cells_of_rows_that_are_rejected_are_no_warnings():
    check = RowCheck(2)
    check.warn(np.array([True, True]), "odd", pa.array(["x", "y"]))
    check.reject(np.array([True, False]), "ignored")
    assert check.warnings() == [Fault("odd", 1, 1, "'y'", "")]
    check.reject(np.array([True, True]), "bad")
    assert check.warnings() == []


def test_cell_that_a_row_can_do_without_is_a_warning():
    check = RowCheck(3)
    optional = OptionalCheck(check)
    optional.reject(np.array([False, True, True]), "bad", pa.array([1, 2, 3]))
    optional.reject(np.zeros(3, bool), "none of them")
    assert check.passed().all()
    assert check.warnings() == [Fault("bad", 2, 1, "2", "")]
