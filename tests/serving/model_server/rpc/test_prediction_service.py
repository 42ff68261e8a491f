"""Names of tests carry the rule of the wire contract they check."""

import shutil
import threading
import time

import grpc
import pytest

from schemas import signatures
from serving.model_server.server import ModelServer
from serving.protos import get_model_metadata_pb2
from serving.protos import inference_pb2
from serving.protos import predict_pb2
from serving.protos import prediction_service_pb2_grpc
from serving.protos import saved_model_pb2
from serving.protos import types_pb2
from serving.query import Query
from serving.tensors import decode_tensor
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import build_regress
from tests.serving.conftest import add_version
from tests.serving.requests import build_items_request
from tests.serving.requests import build_predict_request
from tests.serving.requests import build_recommend_request
from tests.serving.requests import read_refusal

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_NOT_FOUND = grpc.StatusCode.NOT_FOUND


@pytest.fixture
def metadata(channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    return lambda request: stub.GetModelMetadata(request, timeout=20)


def test_g04_missing_model_spec(predict):
    request = predict_pb2.PredictRequest()
    assert read_refusal(predict, request) == (_INVALID, "Missing ModelSpec")


def test_l01_empty_name(predict):
    request = build_predict_request("recommend", {}, model_name="")
    assert read_refusal(predict, request) == (
        _INVALID,
        "ModelSpec has no name specified.",
    )


def test_l02_unknown_model(predict):
    request = build_predict_request("recommend", {}, model_name="m")
    assert read_refusal(predict, request) == (
        _NOT_FOUND,
        "Servable not found for request: Latest(m)",
    )


@pytest.mark.parametrize(("name", "version"), [("tastemaker", 9), ("m", 9)])
def test_l03_unknown_version(predict, name, version):
    request = build_predict_request("recommend", {}, model_name=name)
    request.model_spec.version.value = version
    assert read_refusal(predict, request) == (
        _NOT_FOUND,
        f"Servable not found for request: Specific({name}, {version})",
    )


def test_l04_unknown_label(predict):
    request = build_items_request()
    request.model_spec.version_label = "stable"
    assert read_refusal(predict, request) == (
        _INVALID,
        "Unrecognized servable version label: stable",
    )


def test_l08_version_zero_is_a_specific_version(predict):
    request = build_items_request()
    request.model_spec.version.value = 0
    assert read_refusal(predict, request) == (
        _NOT_FOUND,
        "Servable not found for request: Specific(tastemaker, 0)",
    )


def _metadata_request(*fields: str, name: str = "tastemaker"):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = name
    request.metadata_field.extend(fields)
    return request


def test_d01_no_field(metadata):
    assert read_refusal(metadata, _metadata_request()) == (
        _INVALID,
        "GetModelMetadataRequest must specify at least one metadata_field",
    )


def test_d02_unknown_field_is_told_before_the_model_is_looked_up(metadata):
    request = _metadata_request("size", name="m")
    assert read_refusal(metadata, request) == (
        _INVALID,
        "Metadata field size is not supported",
    )


def test_d03_p16_metadata_tells_all_signatures(metadata):
    response = metadata(_metadata_request("signature_def"))
    signature_map = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signature_map)
    found = dict(signature_map.signature_def)
    assert set(found) == {*signatures.INPUTS, "__saved_model_init_op"}
    for name, inputs in signatures.INPUTS.items():
        assert {
            alias: (
                types_pb2.DataType.Name(info.dtype)[3:].lower(),
                len(info.tensor_shape.dim),
            )
            for alias, info in found[name].inputs.items()
        } == {
            alias: (dtype.replace("float32", "float"), rank)
            for alias, (dtype, rank) in inputs.items()
        }
    assert response.model_spec.name == "tastemaker"
    assert response.model_spec.signature_name == ""
    assert response.model_spec.version.value == 3


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


def test_g02_long_message_is_cut(predict):
    request = build_predict_request("s" * 2000, {})
    _, message = read_refusal(predict, request)
    assert message.endswith("...TRUNCATED")
    assert len(message) == 1024 + len("...TRUNCATED")


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


def test_o03_o04_o05_calls_are_counted_and_timed(measured):
    stub, metrics = measured
    stub.Predict(build_predict("m", {"x": [2.0]}))
    labels = {"model_name": "m", "status": "OK"}
    assert metrics.get_count("request_count", labels) == 1
    page = metrics.render()
    for name, last in (("request", "entrypoint"), ("runtime", "runtime")):
        value = {"entrypoint": "GRPC", "runtime": "TF1"}[last]
        assert (
            f':tensorflow:serving:{name}_latency_count{{model_name="m",'
            f'API="Predict",{last}="{value}"}} 1'
        ) in page


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
