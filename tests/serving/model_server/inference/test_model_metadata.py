import pytest

from schemas import signatures
from serving.model_server.inference.model_metadata import get_model_metadata
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_metadata_pb2
from tests.serving.conftest import add_version


@pytest.fixture(scope="module")
def models(recommender_model, tmp_path_factory):
    base_path = tmp_path_factory.mktemp("metadata")
    add_version(base_path, 3, recommender_model)
    model = ServedModel("m", base_path, LoadedModel)
    model.read_directory()
    while model.step():
        pass
    yield {"m": model}
    model.close()


def _request(name="m", fields=("signature_def",)):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = name
    request.metadata_field.extend(fields)
    return request


def _refusal(models, request) -> tuple:
    with pytest.raises(ServingError) as caught:
        get_model_metadata(models, request)
    return caught.value.code.name, caught.value.message


def test_d03_all_signatures_with_the_init_op(models):
    response = get_model_metadata(models, _request())
    unpacked = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(unpacked)
    assert set(signatures.INPUTS) <= set(unpacked.signature_def)
    assert "__saved_model_init_op" in unpacked.signature_def
    assert response.model_spec.version.value == 3
    assert response.model_spec.signature_name == ""


def test_d01_no_field(models):
    assert _refusal(models, _request(fields=())) == (
        "INVALID_ARGUMENT",
        "GetModelMetadataRequest must specify at least one metadata_field",
    )


def test_d02_unknown_field_is_refused_before_the_model_is_looked_up(models):
    assert _refusal(models, _request("n", ["graph"])) == (
        "INVALID_ARGUMENT",
        "Metadata field graph is not supported",
    )


def test_l02_unknown_model(models):
    assert _refusal(models, _request("n"))[0] == "NOT_FOUND"
