import grpc
import pytest

from serving.model_server.serving_error import ServingError
from serving.model_server.versions.model_status import get_model_status
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_status_pb2


def _refuse_to_load(path):
    raise ServingError(
        grpc.StatusCode.DATA_LOSS, f"{path.name} is " + "x" * 2000
    )


@pytest.fixture
def models(base_path):
    """Two versions, of which none loads."""
    for version in (4, 5):
        (base_path / str(version)).mkdir()
    model = ServedModel("m", base_path, _refuse_to_load)
    model.read_directory()
    while model.step():
        pass
    yield {"m": model}
    model.close()


def _request(**spec) -> get_model_status_pb2.GetModelStatusRequest:
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = spec.get("name", "m")
    if "version" in spec:
        request.model_spec.version.value = spec["version"]
    if "label" in spec:
        request.model_spec.version_label = spec["label"]
    return request


def _refusal(models, request) -> tuple:
    with pytest.raises(ServingError) as caught:
        get_model_status(models, request)
    return caught.value.code.name, caught.value.message


def test_s01_unknown_version(models):
    assert _refusal(models, _request(version=9)) == (
        "NOT_FOUND",
        "Could not find version 9 of model m",
    )


def test_s02_unknown_model(models):
    assert _refusal(models, _request(name="n")) == (
        "NOT_FOUND",
        "Could not find any versions of model n",
    )


def test_g04_missing_model_spec(models):
    request = get_model_status_pb2.GetModelStatusRequest()
    assert _refusal(models, request) == (
        "INVALID_ARGUMENT",
        "Missing ModelSpec",
    )


def test_s03_label_is_ignored(models):
    response = get_model_status(models, _request(label="stable"))
    assert [v.version for v in response.model_version_status] == [5]


def test_s05_version_that_waits_for_its_next_try_is_loading(models):
    (entry,) = get_model_status(models, _request()).model_version_status
    assert entry.state == get_model_status_pb2.ModelVersionStatus.LOADING
    assert entry.status.error_code == 0
