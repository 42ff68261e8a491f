"""Hostile gRPC calls: a clear status for each, no crash, no growth.

The same examples each run: what is found once stays found.
"""

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.protos import classification_pb2
from serving.protos import inference_pb2
from serving.protos import regression_pb2
from serving.protos import types_pb2
from tests.serving.conformance.requests import build_predict
from tests.serving.faults.conftest import NAME
from tests.serving.faults.conftest import ServerProcess
from tests.serving.faults.hostile_protos import SIGNATURES
from tests.serving.faults.hostile_protos import predicts
from tests.serving.faults.hostile_protos import tensors

_DEADLINE = 60  # seconds
_MAX_GROWTH_BYTES = 150 << 20
_PREDICTION = "/tensorflow.serving.PredictionService/"
_MODEL = "/tensorflow.serving.ModelService/"
_METHODS = (
    _PREDICTION + "Predict",
    _PREDICTION + "Classify",
    _PREDICTION + "Regress",
    _PREDICTION + "MultiInference",
    _PREDICTION + "GetModelMetadata",
    _MODEL + "GetModelStatus",
    _MODEL + "HandleReloadConfigRequest",
)
# What a caller can understand; a crash is UNAVAILABLE, a defect INTERNAL.
_CLEAR = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "FAILED_PRECONDITION",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "RESOURCE_EXHAUSTED",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from tests.serving.conformance.models import write_models

    folder = tmp_path_factory.mktemp("fuzzed")
    config = write_models(folder)
    server = ServerProcess(
        folder,
        f"--model_config_file={config}",
        "--allow_version_labels_for_unavailable_models=true",
        "--max_request_bytes=4194304",
    )
    server.wait_until_ready()
    yield server
    server.close()


def send(server, method: str, message: bytes) -> str:
    """Sends bytes as they are; returns the name of the status code."""
    call = server.channel.unary_unary(method)
    try:
        call(message, timeout=_DEADLINE)
    except grpc.RpcError as error:
        assert server.process.poll() is None, server.log.read_text()[-4000:]
        return error.code().name
    return "OK"


def check(server, method: str, message) -> str:
    code = send(server, method, message.SerializeToString())
    assert code in _CLEAR, (code, message)
    return code


@given(predicts())
def test_made_up_tensors_get_a_clear_status(server, request):
    check(server, _PREDICTION + "Predict", request)


@given(
    st.sampled_from(["float", "string", "int64", "half", "bool", "uint64"]),
    tensors(),
)
def test_hostile_tensors_for_inputs_that_exist_get_a_clear_status(
    server, name, tensor
):
    request = build_predict("toolbox", signature=f"echo_{name}")
    code = types_pb2.DataType.Value(f"DT_{name.upper()}")
    tensor.dtype = code
    request.inputs["x"].CopyFrom(tensor)
    check(server, _PREDICTION + "Predict", request)


@given(st.sampled_from(_METHODS), st.binary(max_size=200))
def test_noise_instead_of_messages_gets_a_status(server, method, noise):
    # gRPC itself answers INTERNAL where a message cannot be parsed.
    assert send(server, method, noise) in _CLEAR | {"INTERNAL"}


@given(predicts(), st.integers(0, 10**6), st.integers(0, 255), st.booleans())
def test_damaged_messages_get_a_status(server, request, place, byte, is_cut):
    message = bytearray(request.SerializeToString())
    if message:
        place %= len(message)
        message[place] = byte
        if is_cut:
            del message[place:]
    code = send(server, _PREDICTION + "Predict", bytes(message))
    assert code in _CLEAR | {"INTERNAL"}


_examples = st.lists(st.binary(max_size=30), max_size=4)


@given(st.sampled_from(SIGNATURES), st.sampled_from("crm"), st.data())
def test_made_up_examples_get_a_clear_status(server, signature, kind, data):
    name = data.draw(st.sampled_from(["toolbox", NAME]))
    if kind == "m":
        request = inference_pb2.MultiInferenceRequest()
        for method in data.draw(
            st.lists(st.sampled_from(["classify", "regress", "other"]))
        ):
            task = request.tasks.add()
            task.model_spec.name = name
            task.model_spec.signature_name = signature
            task.method_name = f"tensorflow/serving/{method}"
        method = "MultiInference"
    else:
        kinds = {
            "c": (classification_pb2.ClassificationRequest, "Classify"),
            "r": (regression_pb2.RegressionRequest, "Regress"),
        }
        message, method = kinds[kind]
        request = message()
        request.model_spec.name = name
        request.model_spec.signature_name = signature
    examples = request.input.example_list.examples
    if data.draw(st.booleans()):
        with_context = request.input.example_list_with_context
        with_context.context.features.feature["x"].float_list.value.append(1)
        examples = with_context.examples
    for value in data.draw(_examples):
        feature = examples.add().features.feature[value[:1].hex()]
        feature.bytes_list.value.append(value)
        examples.add().features.feature["x"].float_list.value.append(0.5)
    check(server, _PREDICTION + method, request)


def test_a_text_of_megabytes_is_answered_and_a_larger_one_refused(server):
    request = build_predict("toolbox", signature="echo_string")
    tensor = request.inputs["x"]
    tensor.dtype = types_pb2.DT_STRING
    tensor.tensor_shape.dim.add(size=1)
    tensor.string_val.append(b"\xff" * (3 << 20))
    assert check(server, _PREDICTION + "Predict", request) == "OK"
    tensor.string_val[0] *= 2
    code = check(server, _PREDICTION + "Predict", request)
    assert code == "RESOURCE_EXHAUSTED"


def test_variants_as_deep_as_protos_go_are_refused(server):
    request = build_predict("toolbox", signature="echo_float")
    tensor = request.inputs["x"]
    for _ in range(20):  # each is two messages deep, and 100 is the limit
        tensor.dtype = types_pb2.DT_VARIANT
        tensor.tensor_shape.dim.add(size=1)
        tensor = tensor.variant_val.add(type_name="deep").tensors.add()
    code = check(server, _PREDICTION + "Predict", request)
    assert code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("rank", [33, 64, 65, 254, 255, 10_000])
@pytest.mark.parametrize("name", ["float", "string"])
def test_tensors_of_very_many_dimensions_are_refused(server, name, rank):
    request = build_predict("toolbox", signature=f"echo_{name}")
    tensor = request.inputs["x"]
    tensor.dtype = types_pb2.DataType.Value(f"DT_{name.upper()}")
    for _ in range(rank):
        tensor.tensor_shape.dim.add(size=1)
    code = check(server, _PREDICTION + "Predict", request)
    assert code == "INVALID_ARGUMENT"


def test_few_bytes_do_not_make_the_server_allocate_much(server):
    request = build_predict("toolbox", signature="echo_double")
    tensor = request.inputs["x"]
    tensor.dtype = types_pb2.DT_DOUBLE
    tensor.double_val.append(1.0)
    tensor.tensor_shape.dim.add(size=2**30)  # 8 GiB
    code = check(server, _PREDICTION + "Predict", request)
    assert code == "INVALID_ARGUMENT"


def test_server_has_neither_grown_nor_stopped_after_all_of_it(server):
    # The first rounds fill caches; then nothing may stay.
    def ask(rounds: int) -> int:
        for nth in range(rounds):
            request = build_predict("toolbox", {"x": [0.5] * (nth % 7)})
            request.model_spec.signature_name = SIGNATURES[
                nth % len(SIGNATURES)
            ]
            for size in range(nth % 5):
                request.inputs["x"].tensor_shape.dim.add(size=size)
            check(server, _PREDICTION + "Predict", request)
        return server.process.memory_info().rss

    before = ask(200)
    assert ask(1000) - before < _MAX_GROWTH_BYTES
    assert server.halve(4.0)[0] == 5.0  # version 2: 4 / 2 + 3
    assert server.process.poll() is None
