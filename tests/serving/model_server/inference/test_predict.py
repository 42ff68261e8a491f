import grpc
import pytest

from serving.model_server.inference.predict import run_predict
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.tensors import decode_tensor
from tests.serving.requests import build_items_request


@pytest.fixture
def model(recommender_model):
    loaded = LoadedModel(recommender_model)
    yield loaded
    loaded.close()


def test_f14_answer_comes_as_tensor_content_where_asked(model):
    request = build_items_request(("abcd",))
    response = run_predict(model, 1, request, as_tensor_content=True)
    proto = response.outputs["item_embedding"]
    assert len(proto.float_val) == 0
    assert decode_tensor(proto).tolist() == [[4.0] * 4]


def test_foreign_method_is_internal_where_it_is_checked(model):
    signature = model.signatures["encode_items"]
    request = build_items_request()
    assert run_predict(model, 1, request, checks_method_name=True).outputs
    signature.method_name = "my/method"
    with pytest.raises(ServingError, match=r"Was: my/method$") as caught:
        run_predict(model, 1, request, checks_method_name=True)
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert run_predict(model, 1, request).outputs
