"""Names of tests carry the rule of the wire contract they check."""

import shutil
import threading
import time

import grpc
import pytest

from serving.model_server.server import ModelServer
from serving.protos import get_model_metadata_pb2
from serving.protos import inference_pb2
from serving.protos import prediction_service_pb2_grpc
from serving.protos import saved_model_pb2
from serving.query import Query
from serving.tensors import decode_tensor
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import build_regress
from tests.serving.conftest import add_version
from tests.serving.requests import build_items_request
from tests.serving.requests import build_recommend_request
from tests.serving.requests import read_refusal


def _metadata_request(*fields: str, name: str = "tastemaker"):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = name
    request.metadata_field.extend(fields)
    return request


def test_g03_deadline_ends_the_run(base_path, slow_recommender_model):
    add_version(base_path, 1, slow_recommender_model)
    with (
        ModelServer("tastemaker", base_path) as server,
        grpc.insecure_channel(f"localhost:{server.port}") as channel,
    ):
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Predict(build_recommend_request(), timeout=0.1)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert stub.Predict(build_recommend_request(), timeout=20).outputs


def test_call_without_a_deadline_is_answered(channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    assert stub.Predict(build_items_request()).outputs


def test_many_threads_get_their_own_answers(predict):
    wrong = []

    def ask(number: int) -> None:
        title = "x" * number
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            answer = predict(build_items_request((title,)))
            value = decode_tensor(answer.outputs["item_embedding"])[0, 0]
            if value != number:
                wrong.append((number, value))

    threads = [threading.Thread(target=ask, args=[n]) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_answers_keep_up_with_a_window_of_any_length(predict):
    history = [f"i{n % 20:02d}" for n in range(3000)]
    request = build_recommend_request(Query(item_ids=history))
    assert predict(request).outputs["item_id"].string_val == [b""] * 3


@pytest.fixture
def measured(half_plus_two):
    """A stub of a server over half_plus_two, and its metrics."""
    with (
        ModelServer("m", half_plus_two.parent) as server,
        grpc.insecure_channel(f"localhost:{server.port}") as opened,
    ):
        stub = prediction_service_pb2_grpc.PredictionServiceStub(opened)
        yield stub, server.metrics


def test_d04_metadata_is_not_counted(measured):
    stub, metrics = measured
    stub.GetModelMetadata(_metadata_request("signature_def", name="m"))
    assert metrics.get_total("request_count") == 0


def test_o06_multi_inference_counts_its_examples(measured):
    stub, metrics = measured
    example = build_example(x=1.0)
    request = inference_pb2.MultiInferenceRequest(
        input=build_input(example, example)
    )
    task = request.tasks.add(method_name="tensorflow/serving/regress")
    task.model_spec.name = "m"
    task.model_spec.signature_name = "regress_x_to_y"
    stub.MultiInference(request)
    labels = {"model": "m"}
    assert metrics.get_count("request_example_count_total", labels) == 2
    assert metrics.get_total("request_count") == 0


def test_error_nobody_expected_is_internal_and_the_server_goes_on(
    half_plus_two, tmp_path, caplog
):
    path = shutil.copytree(half_plus_two, tmp_path / "1")
    file = path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    signatures = saved.meta_graphs[0].signature_def
    signatures["serving_default"].outputs["y"].name = "not_in_the_graph:0"
    file.write_bytes(saved.SerializeToString())
    with (
        ModelServer("m", tmp_path) as server,
        grpc.insecure_channel(f"localhost:{server.port}") as opened,
    ):
        stub = prediction_service_pb2_grpc.PredictionServiceStub(opened)
        request = build_predict("m", {"x": [2.0]})
        code, message = read_refusal(stub.Predict, request)
        assert code is grpc.StatusCode.INTERNAL
        assert "not_in_the_graph" in message
        assert "Unexpected error: answering Predict" in caplog.text
        proto = build_input(build_example(x=2.0))
        request = build_regress("m", "regress_x_to_y", proto)
        assert stub.Regress(request, timeout=20).result.regressions
