import pytest

from schemas import signatures
from serving.model_server.inference.model_metadata import get_model_metadata
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_metadata_pb2
from serving.protos import types_pb2
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


def test_p16_metadata_tells_all_signatures_and_the_init_op(models):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "m"
    request.metadata_field.append("signature_def")
    response = get_model_metadata(models, request)
    unpacked = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(unpacked)
    found = dict(unpacked.signature_def)
    assert set(found) == {*signatures.INPUTS, "__saved_model_init_op"}
    for name, inputs in signatures.INPUTS.items():
        assert {
            alias: (
                types_pb2.DataType.Name(info.dtype)[3:].lower(),
                len(info.tensor_shape.dim),
            )
            for alias, info in found[name].inputs.items()
        } == {
            alias: (dtype.replace("float32", "float"), rank)
            for alias, (dtype, rank) in inputs.items()
        }
