import grpc
import pytest

from serving.model_server.rpc.model_service import ModelService
from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_status_pb2
from serving.protos import model_service_pb2_grpc
from tests.serving.conftest import add_version
from tests.serving.requests import read_refusal

_STATES = get_model_status_pb2.ModelVersionStatus


@pytest.fixture(scope="module")
def service(recommender_model, broken_recommender_model, tmp_path_factory):
    """Version 1 unloaded, 2 serving, 3 broken."""
    base_path = tmp_path_factory.mktemp("statuses")
    model = ServedModel("m", base_path, LoadedModel, RetryPolicy(0))
    models = [recommender_model, recommender_model, broken_recommender_model]
    for version, path in enumerate(models, start=1):
        add_version(base_path, version, path)
        model.read_directory()
        while model.step():
            pass
    yield ModelService({"m": model})
    model.close()


def _request(name: str = "m", version: int | None = None):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = name
    if version is not None:
        request.model_spec.version.value = version
    return request


def _list(response):
    return [(v.version, v.state) for v in response.model_version_status]


def test_s01_one_version(service):
    response = service.GetModelStatus(_request(version=1), None)
    assert _list(response) == [(1, _STATES.END)]


def test_s02_s04_all_versions_ever_seen_highest_first(service):
    assert _list(service.GetModelStatus(_request(), None)) == [
        (3, _STATES.END),
        (2, _STATES.AVAILABLE),
        (1, _STATES.END),
    ]


def test_s03_label_is_ignored(service):
    request = _request()
    request.model_spec.version_label = "stable"
    assert len(_list(service.GetModelStatus(request, None))) == 3


def test_s05_failed_load_tells_why_and_an_unloaded_version_is_ok(service):
    failed, _, unloaded = service.GetModelStatus(
        _request(), None
    ).model_version_status
    assert failed.status.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert failed.status.error_message.startswith("Specified file path does")
    assert unloaded.status.error_code == 0
    assert unloaded.status.error_message == ""


def _ask_over_grpc(channel, request):
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    return read_refusal(stub.GetModelStatus, request)


def test_s01_unknown_version(channel):
    assert _ask_over_grpc(channel, _request("tastemaker", 9)) == (
        grpc.StatusCode.NOT_FOUND,
        "Could not find version 9 of model tastemaker",
    )


def test_s02_unknown_model(channel):
    assert _ask_over_grpc(channel, _request("m")) == (
        grpc.StatusCode.NOT_FOUND,
        "Could not find any versions of model m",
    )


def test_status_needs_no_name_to_find_nothing(channel):
    assert _ask_over_grpc(channel, _request("")) == (
        grpc.StatusCode.NOT_FOUND,
        "Could not find any versions of model ",
    )


def test_g04_missing_model_spec(channel):
    request = get_model_status_pb2.GetModelStatusRequest()
    assert _ask_over_grpc(channel, request) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Missing ModelSpec",
    )
