"""gRPC service `tensorflow.serving.ModelService`."""

import logging
from collections.abc import Mapping

import grpc

from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import answer_serving_errors
from serving.model_server.serving_error import invalid_argument
from serving.model_server.serving_error import truncate_message
from serving.model_server.settings.model_configs import ModelServerConfig
from serving.model_server.versions.model_status import get_model_status
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.served_models import ServedModels
from serving.protos import get_model_status_pb2
from serving.protos import model_management_pb2
from serving.protos import model_service_pb2_grpc

_logger = logging.getLogger(__name__)


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """GetModelStatus and HandleReloadConfigRequest."""

    def __init__(
        self,
        models: Mapping[str, ServedModel],
        metrics: ServerMetrics | None = None,
    ):
        """Serves the status of any mapping of models.

        Args:
            models: reloading needs `ServedModels`.
            metrics: where the counters are that a reload reports on.
        """
        self._models = models
        self._metrics = metrics

    @answer_serving_errors
    def GetModelStatus(  # noqa: N802  (name of the RPC)
        self,
        request: get_model_status_pb2.GetModelStatusRequest,
        context: grpc.ServicerContext,
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """Tells the state of one version, or of all, highest first."""
        return get_model_status(self._models, request)

    @answer_serving_errors
    def HandleReloadConfigRequest(  # noqa: N802  (name of the RPC)
        self,
        request: model_management_pb2.ReloadConfigRequest,
        context: grpc.ServicerContext,
    ) -> model_management_pb2.ReloadConfigResponse:
        """Replaces the whole set of models (SERVING rules Q-01 to Q-08).

        Returns once all new models serve. The outcome is in the answer too,
        which gRPC delivers only where it is OK.
        """
        before = self._read_counters(request)
        with CatchErrors("reloading the config") as caught:
            self._reload(request.config, context)
        response = model_management_pb2.ReloadConfigResponse()
        if caught.error is not None:
            _logger.error("ReloadConfig failed: %s", caught.error.message)
            response.status.error_code = caught.error.code_number
            response.status.error_message = caught.error.message
            context.set_code(caught.error.code)
            context.set_details(truncate_message(caught.error.message))
        else:
            response.status.error_code = 0
        for name, value in self._read_counters(request).items():
            response.metric.add(
                name=name, int64_value_increase=value - before[name]
            )
        return response

    def _reload(
        self, config: ModelServerConfig, context: grpc.ServicerContext
    ) -> None:
        if config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by "
                "HandleReloadConfigRequest. Only ModelConfigList is currently "
                "supported"
            )
        if not isinstance(self._models, ServedModels):
            raise TypeError("Only ServedModels can be reloaded.")
        self._models.apply(config, context.is_active)

    def _read_counters(
        self, request: model_management_pb2.ReloadConfigRequest
    ) -> dict[str, int]:
        if self._metrics is None:
            return dict.fromkeys(request.metric_names, 0)
        return {
            name: int(self._metrics.get_total(name))
            for name in request.metric_names
        }
