"""What a caller sees of a server that batches (SERVING rules B-06 to B-11).

Ours is started for it. With TF_SERVING_ADDRESS set the server named by
TF_SERVING_BATCHING_ADDRESS is asked instead: the same models, and

    --enable_batching --batching_parameters_file=FILE

with the text of `PARAMETERS` in FILE.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest

from serving.protos import predict_pb2
from serving.protos import prediction_service_pb2_grpc
from tests.serving.conformance.conftest import wait_until
from tests.serving.conformance.models import TOOLBOX
from tests.serving.conformance.requests import build_predict

PARAMETERS = """
max_batch_size { value: 4 }
batch_timeout_micros { value: 200000 }
max_enqueued_batches { value: 1 }
num_batch_threads { value: 1 }
allowed_batch_sizes: [2, 4]
"""
_TIMEOUT_SECONDS = 60


@pytest.fixture(scope="module")
def predict(tmp_path_factory):
    """Predict of a server that batches."""
    if os.environ.get("TF_SERVING_ADDRESS"):
        address = os.environ.get("TF_SERVING_BATCHING_ADDRESS")
        if not address:
            pytest.skip("TF_SERVING_BATCHING_ADDRESS is not set")
        with grpc.insecure_channel(address) as channel:
            yield _stub(channel)
        return
    from tests.serving.conformance.models import write_models
    from tests.serving.faults.conftest import ServerProcess

    folder = tmp_path_factory.mktemp("batching")
    parameters = folder / "batching.config"
    parameters.write_text(PARAMETERS)
    server = ServerProcess(
        folder,
        f"--model_config_file={write_models(folder)}",
        "--allow_version_labels_for_unavailable_models=true",
        "--enable_batching",
        f"--batching_parameters_file={parameters}",
        "--grpc_max_threads=32",
    )
    try:
        server.wait_until_ready()
        yield _stub(server.channel)
    finally:
        server.close()


def _stub(channel: grpc.Channel) -> Callable:
    return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict


def floats(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def ask(predict: Callable, request: predict_pb2.PredictRequest) -> object:
    """Returns the answer, or the code and text of a refusal."""
    try:
        return predict(request, timeout=_TIMEOUT_SECONDS)
    except grpc.RpcError as error:
        return error.code(), error.details()


def ask_at_once(predict: Callable, *requests) -> list:
    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(lambda one: ask(predict, one), requests))


def test_b05_requests_at_once_get_their_own_rows_back(predict):
    requests = [
        build_predict(TOOLBOX, {"a": [float(n)], "b": [1.0]}) for n in range(2)
    ]
    answers = ask_at_once(predict, *requests)
    totals = [list(one.outputs["total"].float_val) for one in answers]
    assert totals == [[1.0], [2.0]]


def test_b06_request_larger_than_a_batch_is_invalid_argument(predict):
    request = build_predict(TOOLBOX, {"a": floats(5), "b": floats(5)})
    assert ask(predict, request) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Task size 5 is larger than maximum input batch size 4",
    )


def test_b07_full_queue_is_unavailable_and_tells_both_numbers(predict):
    request = build_predict(TOOLBOX, {"a": floats(4), "b": floats(4)})
    refused = []

    def is_full():
        answers = ask_at_once(predict, *[request] * 24)
        refused.extend(a for a in answers if isinstance(a, tuple))
        return refused

    wait_until(is_full)
    code, text = refused[0]
    assert code is grpc.StatusCode.UNAVAILABLE
    assert text.startswith(
        "The batch scheduling queue to which this task was submitted is full"
    )
    assert "1 batches enqueued and max_enqueued_batches is 1" in text


def test_b08_inputs_of_different_sizes_are_invalid_argument(predict):
    # Without batching the same request succeeds (rule P-11).
    request = build_predict(
        TOOLBOX, {"a": floats(2), "b": floats(3)}, signature="apart"
    )
    assert ask(predict, request) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Batching Run() input tensors must have equal 0th-dimension size",
    )


def test_b08_input_without_dimension_is_invalid_argument(predict):
    request = build_predict(TOOLBOX, {"x": floats()}, signature="echo_float")
    assert ask(predict, request) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Batching Run() input tensors must have at least one dimension",
    )


def test_b09_shapes_that_differ_are_failed_precondition_if_merged(predict):
    requests = [
        build_predict(TOOLBOX, {"x": floats(1, n)}, signature="echo_float")
        for n in (2, 3)
    ]
    refused = []

    def are_merged():
        answers = ask_at_once(predict, *requests)
        refused[:] = [a for a in answers if isinstance(a, tuple)]
        return refused

    wait_until(are_merged)
    assert len(refused) == 2
    for code, text in refused:
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert "have different shapes and padding is turned off" in text


def test_b10_rows_that_fill_a_batch_up_are_cut_off(predict):
    # 3 rows run as 4.
    request = build_predict(TOOLBOX, {"a": floats(3), "b": floats(3)})
    answer = ask(predict, request)
    assert list(answer.outputs["total"].float_val) == [2.0, 2.0, 2.0]


def test_b11_output_without_a_row_for_each_row_is_failed_precondition(predict):
    request = build_predict(TOOLBOX, {"a": floats(2)}, signature="scalar")
    assert ask(predict, request) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "Batched output tensor has 0 dimensions",
    )
