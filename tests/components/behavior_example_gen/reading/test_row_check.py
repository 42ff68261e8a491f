import numpy as np

from components.behavior_example_gen.reading.row_check import RowCheck


def test_first_reason_against_a_row_stays():
    check = RowCheck(2)
    check.reject(np.array([True, False]), "first")
    check.reject(np.array([True, True]), "second")
    assert check.failures() == [(0, "first"), (1, "second")]
    assert not check.passed().any()
