import os

import grpc
import pytest

from serving.model_server.batching import BatchingParameters
from serving.model_server.batching import parse_batching_parameters
from serving.model_server.batching import read_model_parameters
from serving.model_server.serving_error import ServingError


def refuse(text: str) -> str:
    with pytest.raises(ServingError) as caught:
        parse_batching_parameters(text, "batching.config")
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    return caught.value.message


def test_b01_scalars_are_wrapped_and_lists_and_booleans_are_plain():
    text = """
        max_batch_size { value: 128 }
        batch_timeout_micros { value: 500 }
        max_enqueued_batches { value: 7 }
        num_batch_threads { value: 3 }
        thread_pool_name { value: "pool" }
        allowed_batch_sizes: 1
        allowed_batch_sizes: 128
        pad_variable_length_inputs: true
    """
    assert parse_batching_parameters(text, "f") == BatchingParameters(
        max_batch_size=128,
        batch_timeout_micros=500,
        max_enqueued_batches=7,
        num_batch_threads=3,
        thread_pool_name="pool",
        allowed_batch_sizes=(1, 128),
        pad_variable_length_inputs=True,
    )


def test_b01_a_plain_scalar_is_refused_and_the_file_named():
    message = refuse("max_batch_size: 128")
    assert message.startswith("Invalid protobuf file: 'batching.config'")


def test_b02_what_is_not_given_has_the_default():
    read = parse_batching_parameters("", "f")
    assert read.max_batch_size == 1000
    assert read.batch_timeout_micros == 0
    assert read.max_enqueued_batches == 10
    assert read.num_batch_threads == os.cpu_count()
    assert read.allowed_batch_sizes == ()
    assert not read.pad_variable_length_inputs


def test_b02_a_zero_that_is_written_down_is_no_default():
    assert refuse("num_batch_threads { value: 0 }") == (
        "num_batch_threads must be positive; was 0"
    )
    assert refuse("batch_timeout_micros { value: -1 }") == (
        "batch_timeout_micros must be non-negative; was -1"
    )


def test_b04_last_allowed_size_must_be_the_largest_batch():
    text = "max_batch_size { value: 9 } allowed_batch_sizes: [1, 8]"
    assert refuse(text) == (
        "Last entry in allowed_batch_sizes must match max_batch_size; "
        "last entry was 8; expected 9"
    )


def test_b04_of_split_requests_it_must_be_the_largest_that_runs():
    text = """
        max_batch_size { value: 64 }
        enable_large_batch_splitting { value: true }
        max_execution_batch_size { value: 16 }
    """
    parse_batching_parameters(text + "allowed_batch_sizes: 16", "f")
    message = refuse(text + "allowed_batch_sizes: 64")
    assert "equal to max_execution_batch_size" in message
    assert "was 64; expected 16" in message


@pytest.mark.parametrize("sizes", ["[4, 4, 8]", "[4, 2, 8]", "[0, 8]"])
def test_b04_allowed_sizes_must_ascend(sizes):
    text = f"max_batch_size {{ value: 8 }} allowed_batch_sizes: {sizes}"
    assert "monotonically increasing" in refuse(text)


def test_a_size_is_rounded_up_to_the_next_that_is_allowed():
    parameters = BatchingParameters(
        max_batch_size=8, allowed_batch_sizes=(2, 8)
    )
    assert [parameters.round_up(n) for n in (1, 2, 3, 8)] == [2, 2, 8, 8]
    assert BatchingParameters().round_up(3) == 3


def test_b13_a_version_may_bring_its_own(tmp_path):
    assert read_model_parameters(tmp_path) is None
    path = tmp_path / "batching_params.pbtxt"
    path.write_text("max_batch_size { value: 5 }")
    assert read_model_parameters(tmp_path).max_batch_size == 5
    path.write_bytes(b"\xff")
    with pytest.raises(ServingError, match=r"batching_params\.pbtxt"):
        read_model_parameters(tmp_path)
