import pyarrow as pa

from components.behavior_example_gen.reading.columns.vectors import to_vectors
from components.behavior_example_gen.reading.row_check import RowCheck


def _read(array):
    check = RowCheck(len(array))
    return to_vectors(array, "v", check).to_pylist(), check.failures()


def test_vectors_come_as_lists_of_numbers():
    assert _read(pa.array([[0.5, 1.0], None])) == ([[0.5, 1.0], None], [])


def test_vector_that_is_none_is_rejected_alone():
    rows = pa.array([["1", "2.5"], ["x"], None], pa.list_(pa.string()))
    expected = [[1.0, 2.5], None, None], [(1, "wrong type: v")]
    assert _read(rows) == expected


def test_text_and_maps_are_no_vectors():
    assert _read(pa.array(["0.5", None]))[1] == [(0, "wrong type: v")]
    array = pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))
    assert _read(array) == ([None], [(0, "wrong type: v")])
