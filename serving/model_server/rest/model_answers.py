"""Status and metadata of a model as JSON.

Source: tensorflow_serving/model_servers/http_rest_api_util.cc (SERVING rules
R-31, R-32).
"""

import json
from collections.abc import Mapping

from google.protobuf import json_format
from google.protobuf.message import Message

from serving.model_server.inference.model_metadata import SIGNATURE_DEF
from serving.model_server.inference.model_metadata import get_model_metadata
from serving.model_server.versions.model_status import get_model_status
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_metadata_pb2
from serving.protos import get_model_status_pb2
from serving.protos import model_pb2


def write_status(
    models: Mapping[str, ServedModel], spec: model_pb2.ModelSpec
) -> bytes:
    """Writes the states of a model's versions.

    Raises:
        ServingError: nothing is known of the model or version.
    """
    request = get_model_status_pb2.GetModelStatusRequest(model_spec=spec)
    return _write(_to_dict(get_model_status(models, request)))


def write_metadata(
    models: Mapping[str, ServedModel], spec: model_pb2.ModelSpec
) -> bytes:
    """Writes the signatures of a version.

    Raises:
        ServingError: that version does not serve.
    """
    request = get_model_metadata_pb2.GetModelMetadataRequest(
        model_spec=spec, metadata_field=[SIGNATURE_DEF]
    )
    response = get_model_metadata(models, request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata[SIGNATURE_DEF].Unpack(signatures)
    return _write(
        {
            "model_spec": _to_dict(response.model_spec),
            "metadata": {SIGNATURE_DEF: _to_dict(signatures)},
        }
    )


def _to_dict(message: Message) -> dict:
    return json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )


def _write(document: dict) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()
