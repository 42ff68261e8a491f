import numpy as np

from schemas import signatures
from serving.query import Constraints
from serving.query import Query
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_item_inputs
from serving.query_tensors import build_query_inputs
from serving.query_tensors import build_rank_inputs
from serving.query_tensors import build_recommend_inputs


def test_inputs_are_those_of_the_signature():
    inputs = build_query_inputs([Query(), Query(item_ids=["a", "b"])])
    inputs |= build_constraint_inputs([Constraints(), Constraints()])
    wanted = dict(signatures.RECOMMEND_INPUTS)
    del wanted["k"]
    assert set(inputs) == set(wanted)
    for name, (dtype, rank) in wanted.items():
        array = inputs[name]
        assert array.ndim == rank, name
        assert len(array) == 2, name
        kind = "object" if dtype == "string" else dtype
        assert array.dtype == kind, name


def test_shorter_windows_are_padded_at_the_end():
    inputs = build_query_inputs(
        [
            Query(item_ids=["a"], timestamps=[5], values=[0.0]),
            Query(item_ids=["b", "c"], timestamps=[6, 7], values=[None, 2.5]),
        ]
    )
    assert inputs["item_id"].tolist() == [[b"", b"a", b""], [b"", b"b", b"c"]]
    types = [[b"", b"view", b""], [b"", b"view", b"view"]]
    assert inputs["event_type"].tolist() == types
    assert inputs["timestamp"].tolist() == [[0, 5, 0], [0, 6, 7]]
    nan = np.nan
    np.testing.assert_array_equal(
        inputs["value"], [[nan, 0.0, nan], [nan, nan, 2.5]]
    )


def test_empty_window_is_one_column_of_padding():
    inputs = build_query_inputs([Query()])
    assert inputs["item_id"].tolist() == [[b""]]
    assert np.isnan(inputs["value"]).tolist() == [[True]]


def test_first_element_of_every_list_means_nothing():
    # A server that merges requests fills up with it.
    query = Query(item_ids=["a"], profile={"age": "30"})
    limits = Constraints(excluded_item_ids=["b"], allowed_categories=["drama"])
    inputs = build_recommend_inputs(query, 3, limits)
    inputs |= build_item_inputs(["t"], categories=[["drama"]])
    lists = [name for name, array in inputs.items() if array.ndim == 2]
    assert len(lists) == 8
    for name in lists:
        first = inputs[name].flat[0]
        assert first in {b"", 0} or np.isnan(first), name
        assert inputs[name].shape == (1, 2), name


def test_candidates_are_sent_as_they_come():
    inputs = build_rank_inputs(Query(), ["a", "b"])
    assert inputs["candidate_item_id"].tolist() == [[b"a", b"b"]]


def test_missing_price_bounds_are_nan():
    inputs = build_constraint_inputs([Constraints(min_price=2.0)])
    assert inputs["min_price"].tolist() == [2.0]
    assert np.isnan(inputs["max_price"]).all()


def test_profile_is_padded_name_and_value():
    inputs = build_query_inputs(
        [Query(profile={"age": "30", "city": "Ulm"}), Query()]
    )
    assert inputs["profile"].tolist() == [
        [b"", b"age=30", b"city=Ulm"],
        [b"", b"", b""],
    ]
