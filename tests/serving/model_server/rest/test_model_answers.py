import json

import pytest

from serving.model_server.rest.model_answers import write_metadata
from serving.model_server.rest.model_answers import write_status
from serving.model_server.serving_error import ServingError
from serving.protos import model_pb2

_TOOLBOX = model_pb2.ModelSpec(name="toolbox")


def test_r31_status_has_original_names_and_versions_as_text(rest_models):
    assert json.loads(write_status(rest_models, _TOOLBOX)) == {
        "model_version_status": [
            {
                "version": "7",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }


def test_r32_metadata_has_the_model_spec_and_all_signatures(rest_models):
    document = json.loads(write_metadata(rest_models, _TOOLBOX))
    assert document["model_spec"] == {
        "name": "toolbox",
        "signature_name": "",
        "version": "7",
    }
    signatures = document["metadata"]["signature_def"]["signature_def"]
    pair = signatures["weigh"]["inputs"]["pair"]
    assert pair["dtype"] == "DT_FLOAT"
    assert [dim["size"] for dim in pair["tensor_shape"]["dim"]] == ["-1", "2"]
    assert pair["tensor_shape"]["unknown_rank"] is False


def test_unknown_model_has_no_answer(rest_models):
    for write in (write_status, write_metadata):
        with pytest.raises(ServingError, match="m"):
            write(rest_models, model_pb2.ModelSpec(name="m"))
