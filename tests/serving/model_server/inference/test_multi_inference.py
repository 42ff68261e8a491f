import pytest

from serving.model_server.inference.multi_inference import run_multi_inference
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import inference_pb2
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input


@pytest.fixture(scope="module")
def model(half_plus_two):
    loaded = LoadedModel(half_plus_two)
    yield loaded
    loaded.close()


def _request(*tasks):
    request = inference_pb2.MultiInferenceRequest(
        input=build_input(build_example(x=2.0, x2=4.0))
    )
    for signature, method in tasks:
        task = request.tasks.add(method_name=f"tensorflow/serving/{method}")
        task.model_spec.name = "m"
        task.model_spec.signature_name = signature
    return request


def test_first_wrong_task_decides_the_error(model):
    request = _request(("nothing", "regress"), ("regress_x_to_y", "predict"))
    with pytest.raises(ServingError, match="model graph: nothing"):
        run_multi_inference(model, 1, request)
    request = _request(("regress_x_to_y", "predict"), ("nothing", "regress"))
    with pytest.raises(ServingError, match="Unsupported signature method"):
        run_multi_inference(model, 1, request)
