"""Builds requests to the models of models.py and reads refusals."""

from collections.abc import Callable
from collections.abc import Mapping

import grpc
import numpy as np

from serving.protos import classification_pb2
from serving.protos import example_pb2
from serving.protos import get_model_status_pb2
from serving.protos import input_pb2
from serving.protos import predict_pb2
from serving.protos import regression_pb2
from serving.tensors import encode_tensor

TIMEOUT_SECONDS = 60


def build_predict(
    model: str,
    inputs: Mapping[str, object] | None = None,
    signature: str = "",
    version: int | None = None,
) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    if version is not None:
        request.model_spec.version.value = version
    for alias, value in (inputs or {}).items():
        array = np.asarray(value)
        if array.dtype == np.float64 and not isinstance(value, np.ndarray):
            array = array.astype(np.float32)
        request.inputs[alias].CopyFrom(encode_tensor(array))
    return request


def build_example(**features: float) -> example_pb2.Example:
    example = example_pb2.Example()
    for name, value in features.items():
        example.features.feature[name].float_list.value.append(value)
    return example


def build_input(
    *examples: example_pb2.Example, context: example_pb2.Example | None = None
) -> input_pb2.Input:
    proto = input_pb2.Input()
    if context is None:
        proto.example_list.examples.extend(examples)
    else:
        proto.example_list_with_context.examples.extend(examples)
        proto.example_list_with_context.context.CopyFrom(context)
    return proto


def build_classify(
    model: str, signature: str, proto: input_pb2.Input
) -> classification_pb2.ClassificationRequest:
    request = classification_pb2.ClassificationRequest(input=proto)
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    return request


def build_regress(
    model: str, signature: str, proto: input_pb2.Input
) -> regression_pb2.RegressionRequest:
    request = regression_pb2.RegressionRequest(input=proto)
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    return request


def build_status(
    model: str, version: int | None = None
) -> get_model_status_pb2.GetModelStatusRequest:
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = model
    if version is not None:
        request.model_spec.version.value = version
    return request


def read_states(models_service, model: str) -> dict[int, str]:
    """Number to state of all versions of a model, in the answer's order."""
    try:
        response = models_service.GetModelStatus(
            build_status(model), timeout=TIMEOUT_SECONDS
        )
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.NOT_FOUND
        return {}
    kind = get_model_status_pb2.ModelVersionStatus.State
    return {
        entry.version: kind.Name(entry.state)
        for entry in response.model_version_status
    }


def read_refusal(
    call: Callable, request: object
) -> tuple[grpc.StatusCode, str]:
    """Calls what must fail; returns the status code and the message."""
    try:
        answer = call(request, timeout=TIMEOUT_SECONDS)
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError(f"must be refused, but answered {answer}")
