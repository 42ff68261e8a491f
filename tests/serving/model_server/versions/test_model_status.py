import grpc

from serving.model_server.serving_error import ServingError
from serving.model_server.versions.model_status import get_model_status
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_status_pb2


def _refuse_to_load(path):
    raise ServingError(grpc.StatusCode.DATA_LOSS, f"{path.name} is broken")


def test_version_that_waits_for_its_next_try_is_loading(base_path):
    (base_path / "5").mkdir()
    model = ServedModel("m", base_path, _refuse_to_load)
    model.read_directory()
    while model.step():
        pass
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "m"
    (entry,) = get_model_status({"m": model}, request).model_version_status
    model.close()
    assert entry.state == get_model_status_pb2.ModelVersionStatus.LOADING
    assert entry.status.error_code == 0
