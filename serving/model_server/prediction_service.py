"""gRPC service `tensorflow.serving.PredictionService`."""

from collections.abc import Mapping

import grpc

from serving.model_server.find_model import find_model
from serving.model_server.find_model import require_model_spec
from serving.model_server.predict import run_predict
from serving.model_server.served_model import ServedModel
from serving.model_server.serving_error import answer_serving_errors
from serving.model_server.serving_error import invalid_argument
from serving.protos import get_model_metadata_pb2
from serving.protos import predict_pb2
from serving.protos import prediction_service_pb2_grpc

_SIGNATURE_DEF = "signature_def"  # the only metadata field there is


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predict and GetModelMetadata; the other calls are UNIMPLEMENTED."""

    def __init__(self, models: Mapping[str, ServedModel]):
        self._models = models

    @answer_serving_errors
    def Predict(  # noqa: N802  (name of the RPC)
        self,
        request: predict_pb2.PredictRequest,
        context: grpc.ServicerContext,
    ) -> predict_pb2.PredictResponse:
        """Runs a signature; the caller's deadline bounds the run."""
        require_model_spec(request)
        with find_model(self._models, request.model_spec) as handle:
            return run_predict(
                handle.model, handle.version, request, context.time_remaining()
            )

    @answer_serving_errors
    def GetModelMetadata(  # noqa: N802  (name of the RPC)
        self,
        request: get_model_metadata_pb2.GetModelMetadataRequest,
        context: grpc.ServicerContext,
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """Tells all signatures of a version."""
        require_model_spec(request)
        if not request.metadata_field:
            raise invalid_argument(
                "GetModelMetadataRequest must specify at least one "
                "metadata_field"
            )
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                raise invalid_argument(
                    f"Metadata field {field} is not supported"
                )
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        with find_model(self._models, request.model_spec) as handle:
            signatures = get_model_metadata_pb2.SignatureDefMap()
            for name, signature in handle.model.signatures.items():
                signatures.signature_def[name].CopyFrom(signature)
            response.model_spec.name = request.model_spec.name
            response.model_spec.version.value = handle.version
        response.metadata[_SIGNATURE_DEF].Pack(signatures)
        return response
