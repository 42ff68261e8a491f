"""GetModelStatus: rules S-*; health and reflection: O-10, F-19."""

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from serving.protos import get_model_status_pb2
from tests.serving.conformance.requests import build_status
from tests.serving.conformance.requests import read_refusal
from tests.serving.conformance.requests import read_states

_NOT_FOUND = grpc.StatusCode.NOT_FOUND
_HALF = "half_plus_two"
_AVAILABLE = get_model_status_pb2.ModelVersionStatus.AVAILABLE


def test_s01_known_version_is_one_entry(models_service):
    response = models_service.GetModelStatus(build_status(_HALF, 1))
    (entry,) = response.model_version_status
    assert (entry.version, entry.state) == (1, _AVAILABLE)


def test_s01_unknown_version_is_not_found(models_service):
    request = build_status(_HALF, 99)
    assert read_refusal(models_service.GetModelStatus, request) == (
        _NOT_FOUND,
        "Could not find version 99 of model half_plus_two",
    )


def test_s02_s04_every_version_is_told_highest_first(models_service):
    states = read_states(models_service, _HALF)
    assert list(states.items()) == [(2, "AVAILABLE"), (1, "AVAILABLE")]


@pytest.mark.parametrize("name", ["nobody", ""])
def test_s02_unknown_model_is_not_found(models_service, name):
    request = build_status(name)
    assert read_refusal(models_service.GetModelStatus, request) == (
        _NOT_FOUND,
        f"Could not find any versions of model {name}",
    )


@pytest.mark.parametrize("label", ["stable", "nothing"])
def test_s03_label_is_ignored(models_service, label):
    request = build_status(_HALF)
    request.model_spec.version_label = label
    response = models_service.GetModelStatus(request)
    assert len(response.model_version_status) == 2


def test_s05_version_that_serves_has_no_error(models_service):
    response = models_service.GetModelStatus(build_status(_HALF))
    for entry in response.model_version_status:
        assert entry.state == 30
        assert entry.status.error_code == 0
        assert entry.status.error_message == ""


@pytest.mark.parametrize("service", ["", "ModelService", "PredictionService"])
def test_o10_health_knows_the_short_names(channel, service):
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    assert stub.Check(request).status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize(
    "service", ["tensorflow.serving.PredictionService", "nobody"]
)
def test_o10_health_knows_no_other_name(channel, service):
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    assert read_refusal(stub.Check, request)[0] is _NOT_FOUND


def test_f19_reflection_lists_the_services_and_their_messages(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert {
        "tensorflow.serving.PredictionService",
        "tensorflow.serving.ModelService",
    } <= set(database.get_services())
    file = database.FindFileContainingSymbol(
        "tensorflow.serving.PredictionService"
    )
    methods = {method.name for s in file.service for method in s.method}
    assert methods >= {"Predict", "Classify", "GetModelMetadata"}
    file = database.FindFileContainingSymbol(
        "tensorflow.serving.PredictRequest"
    )
    assert file.name == "tensorflow_serving/apis/predict.proto"
