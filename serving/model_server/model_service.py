"""gRPC service `tensorflow.serving.ModelService`."""

from collections.abc import Mapping

import grpc

from serving.model_server.find_model import require_model_spec
from serving.model_server.served_model import ServedModel
from serving.model_server.served_model import State
from serving.model_server.serving_error import answer_serving_errors
from serving.model_server.serving_error import not_found
from serving.model_server.serving_error import truncate_message
from serving.protos import get_model_status_pb2
from serving.protos import model_service_pb2_grpc


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """GetModelStatus; HandleReloadConfigRequest is UNIMPLEMENTED."""

    def __init__(self, models: Mapping[str, ServedModel]):
        self._models = models

    @answer_serving_errors
    def GetModelStatus(  # noqa: N802  (name of the RPC)
        self,
        request: get_model_status_pb2.GetModelStatusRequest,
        context: grpc.ServicerContext,
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """Tells the state of one version, or of all, highest first."""
        require_model_spec(request)
        spec = request.model_spec
        model = self._models.get(spec.name)
        records = model.list_records() if model else []
        if spec.HasField("version"):
            wanted = spec.version.value
            records = [r for r in records if r.number == wanted]
            if not records:
                raise not_found(
                    f"Could not find version {wanted} of model {spec.name}"
                )
        if not records:
            raise not_found(f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for record in records:
            entry = response.model_version_status.add(
                version=record.number, state=int(record.state)
            )
            entry.status.error_code = 0
            if record.error is not None and record.state is State.END:
                entry.status.error_code = record.error.code_number
                entry.status.error_message = truncate_message(
                    record.error.message
                )
        return response
