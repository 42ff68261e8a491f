import shutil

import grpc
import numpy as np
import pytest

from serving.model_server.inference.predict import run_predict
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.tensors import decode_tensor
from serving.tensors import encode_tensor
from tests.serving.requests import build_items_request


@pytest.fixture(scope="module")
def model_with_defaults(recommender_model, tmp_path_factory):
    """The healthy model, whose `encode_items` has a default description."""
    from tensorflow.core.protobuf import saved_model_pb2

    path = tmp_path_factory.mktemp("defaults") / "model"
    shutil.copytree(recommender_model, path)
    file = path / "saved_model.pb"
    saved_model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    signature = saved_model.meta_graphs[0].signature_def["encode_items"]
    signature.defaults["description"].CopyFrom(
        encode_tensor(np.array([b"none"]))
    )
    file.write_bytes(saved_model.SerializeToString())
    model = LoadedModel(path)
    yield model
    model.close()


def test_p07_missing_input_is_filled_from_the_defaults(model_with_defaults):
    request = build_items_request(("abcd",))
    del request.inputs["description"]
    response = run_predict(model_with_defaults, 1, request)
    embedding = decode_tensor(response.outputs["item_embedding"])
    assert embedding[0, 0] == 4.0


def test_p08_missing_input_without_default_is_refused(model_with_defaults):
    request = build_items_request()
    del request.inputs["title"]
    with pytest.raises(ServingError, match="input alias: title"):
        run_predict(model_with_defaults, 1, request)


def test_p08_unknown_input_beside_defaults_is_refused(model_with_defaults):
    request = build_items_request()
    request.inputs["extra"].CopyFrom(request.inputs["description"])
    del request.inputs["description"]
    with pytest.raises(ServingError, match="Inputs contains invalid name"):
        run_predict(model_with_defaults, 1, request)


def test_f14_answer_comes_as_tensor_content_where_asked(model_with_defaults):
    request = build_items_request(("abcd",))
    response = run_predict(
        model_with_defaults, 1, request, as_tensor_content=True
    )
    proto = response.outputs["item_embedding"]
    assert len(proto.float_val) == 0
    assert decode_tensor(proto).tolist() == [[4.0] * 4]


def test_p04_foreign_method_is_internal_where_it_is_checked(recommender_model):
    model = LoadedModel(recommender_model)
    signature = model.signatures["encode_items"]
    request = build_items_request()
    assert run_predict(model, 1, request, checks_method_name=True).outputs
    signature.method_name = "my/method"
    with pytest.raises(ServingError, match=r"Was: my/method$") as caught:
        run_predict(model, 1, request, checks_method_name=True)
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert run_predict(model, 1, request).outputs
    model.close()
