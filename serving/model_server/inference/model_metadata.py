"""The signatures of a version.

Source: tensorflow_serving/servables/tensorflow/get_model_metadata_impl.cc
(SERVING rules D-01 to D-03).
"""

from collections.abc import Mapping

from serving.model_server.find_model import find_model
from serving.model_server.find_model import require_model_spec
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.served_model import ServedModel
from serving.protos import get_model_metadata_pb2

SIGNATURE_DEF = "signature_def"  # the only metadata field there is


def get_model_metadata(
    models: Mapping[str, ServedModel],
    request: get_model_metadata_pb2.GetModelMetadataRequest,
) -> get_model_metadata_pb2.GetModelMetadataResponse:
    """Returns all signatures of a version.

    Raises:
        ServingError: no field or an unknown one is asked for, or the model is
            not there.
    """
    require_model_spec(request)
    if not request.metadata_field:
        raise invalid_argument(
            "GetModelMetadataRequest must specify at least one metadata_field"
        )
    for field in request.metadata_field:
        if field != SIGNATURE_DEF:
            raise invalid_argument(f"Metadata field {field} is not supported")
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    signatures = get_model_metadata_pb2.SignatureDefMap()
    with find_model(models, request.model_spec) as handle:
        for name, signature in handle.model.signatures.items():
            signatures.signature_def[name].CopyFrom(signature)
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = handle.version
    response.metadata[SIGNATURE_DEF].Pack(signatures)
    return response
