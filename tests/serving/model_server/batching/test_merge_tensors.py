import grpc
import numpy as np
import pytest

from serving.model_server.batching.merge_tensors import count_padded_elements
from serving.model_server.batching.merge_tensors import count_rows
from serving.model_server.batching.merge_tensors import merge_feeds
from serving.model_server.batching.merge_tensors import split_outputs
from serving.model_server.serving_error import ServingError


def numbers(*rows) -> dict[str, np.ndarray]:
    return {"x:0": np.array(rows, np.float32)}


def refuse(function, *arguments) -> tuple:
    with pytest.raises(ServingError) as caught:
        function(*arguments)
    return caught.value.code, caught.value.message


def test_no_input_at_all_has_no_size():
    _, message = refuse(count_rows, {})
    assert message == "Batching Run() must have at least one input tensor"


def test_padding_fills_up_with_the_first_element_of_the_request():
    merged = merge_feeds([numbers([5, 6, 7]), numbers([8], [9])], 0, True)
    assert merged["x:0"].tolist() == [[5, 6, 7], [8, 8, 8], [9, 8, 8]]


def test_texts_are_filled_up_too():
    long = {"x:0": np.array([[b"a", b"b"]], object)}
    short = {"x:0": np.array([[b""]], object)}
    merged = merge_feeds([long, short], 0, True)
    assert merged["x:0"].tolist() == [[b"a", b"b"], [b"", b""]]


def test_nothing_can_be_filled_up_with_nothing():
    empty = {"x:0": np.zeros((1, 0), np.float32)}
    assert refuse(merge_feeds, [numbers([1]), empty], 0, True) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Got empty tensor in batch of non-empty tensors.",
    )


def test_only_six_dimensions_are_filled_up():
    deep = {"x:0": np.zeros([1] * 7, np.float32)}
    _, message = refuse(merge_feeds, [deep], 0, True)
    assert message == "Only tensors with rank from 1 to 6 can be padded."


def test_rows_up_to_an_allowed_size_repeat_the_last_request_s_first():
    merged = merge_feeds([numbers([1]), numbers([2], [3])], 2, False)
    assert merged["x:0"].tolist() == [[1], [2], [3], [2], [2]]


def test_a_request_without_rows_has_none_to_repeat():
    empty = {"x:0": np.zeros((0, 1), np.float32)}
    merged = merge_feeds([numbers([1]), empty], 1, False)
    assert merged["x:0"].tolist() == [[1], [1]]
    assert merge_feeds([empty], 3, False)["x:0"].shape == (0, 1)


def test_outputs_are_cut_back():
    outputs = [np.array([1, 2, 3, 2]), np.array([[1], [2], [3], [2]])]
    first, second = split_outputs(outputs, [1, 2], 4)
    assert [part.tolist() for part in first] == [[1], [[1]]]
    assert [part.tolist() for part in second] == [[2, 3], [[2], [3]]]


def test_an_output_that_is_no_batch_is_refused():
    code, message = refuse(split_outputs, [np.zeros(9)], [2], 2)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert message == (
        "Batched output tensor's 0th dimension does not equal the sum of the "
        "0th dimension sizes of the input tensors"
    )


def test_elements_are_counted_before_they_are_allocated():
    # 2 rows of 3 x 5.
    wide = {"x:0": np.zeros((1, 3, 1))}
    long = {"x:0": np.zeros((1, 1, 5))}
    assert count_padded_elements([wide, long], 2) == 30


def test_empty_tensors_whose_padding_would_not_fit_an_integer_are_counted():
    # No element of their own, 2^64 when both are padded to 2^32 x 2^32.
    requests = [
        {"x": np.empty((1, 2**32, 0))},
        {"x": np.empty((1, 0, 2**32))},
    ]
    assert count_padded_elements(requests, 2) == 2 * 2**64
