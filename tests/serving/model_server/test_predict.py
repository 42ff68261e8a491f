import shutil

import numpy as np
import pytest

from serving.model_server.loaded_model import LoadedModel
from serving.model_server.predict import run_predict
from serving.model_server.serving_error import ServingError
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
