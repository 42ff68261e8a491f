"""gRPC service `tensorflow.serving.PredictionService`."""

import functools
import time
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import grpc

from serving.model_server.find_model import find_model
from serving.model_server.find_model import require_model_spec
from serving.model_server.inference.classify import run_classify
from serving.model_server.inference.model_metadata import get_model_metadata
from serving.model_server.inference.multi_inference import run_multi_inference
from serving.model_server.inference.predict import run_predict
from serving.model_server.inference.regress import run_regress
from serving.model_server.inference.timed_model import TimedModel
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import answer_serving_errors
from serving.model_server.serving_error import truncate_message
from serving.model_server.versions.served_model import ServedModel
from serving.protos import classification_pb2
from serving.protos import get_model_metadata_pb2
from serving.protos import inference_pb2
from serving.protos import model_pb2
from serving.protos import predict_pb2
from serving.protos import prediction_service_pb2_grpc
from serving.protos import regression_pb2

_RUNTIME = "TF1"


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predict, Classify, Regress, MultiInference and GetModelMetadata.

    The caller's deadline bounds the run (SERVING rule G-03).
    """

    def __init__(
        self,
        models: Mapping[str, ServedModel],
        metrics: ServerMetrics | None = None,
        as_tensor_content: bool = False,
        checks_method_name: bool = False,
    ):
        """Serves any mapping of models.

        Args:
            models: what requests name.
            metrics: counts and times; None keeps none.
            as_tensor_content: answers in `tensor_content`, not typed fields.
            checks_method_name: refuses signatures of a foreign method.
        """
        self._models = models
        self._metrics = metrics
        self._run_predict = functools.partial(
            run_predict,
            as_tensor_content=as_tensor_content,
            checks_method_name=checks_method_name,
        )
        self._run_classify = functools.partial(
            run_classify, checks_method_name=checks_method_name
        )
        self._run_regress = functools.partial(
            run_regress, checks_method_name=checks_method_name
        )

    def Predict(  # noqa: N802  (name of the RPC)
        self, request: predict_pb2.PredictRequest, context: grpc.ServicerContext
    ) -> predict_pb2.PredictResponse:
        """Runs a signature on tensors."""
        return self._answer("Predict", self._run_predict, request, context)

    def Classify(  # noqa: N802  (name of the RPC)
        self,
        request: classification_pb2.ClassificationRequest,
        context: grpc.ServicerContext,
    ) -> classification_pb2.ClassificationResponse:
        """Runs a signature on examples; answers labels and scores."""
        return self._answer("Classify", self._run_classify, request, context)

    def Regress(  # noqa: N802  (name of the RPC)
        self,
        request: regression_pb2.RegressionRequest,
        context: grpc.ServicerContext,
    ) -> regression_pb2.RegressionResponse:
        """Runs a signature on examples; answers one number for each."""
        return self._answer("Regress", self._run_regress, request, context)

    @answer_serving_errors
    def MultiInference(  # noqa: N802  (name of the RPC)
        self,
        request: inference_pb2.MultiInferenceRequest,
        context: grpc.ServicerContext,
    ) -> inference_pb2.MultiInferenceResponse:
        """Runs several signatures on the same examples."""
        spec = (
            request.tasks[0].model_spec
            if request.tasks
            else model_pb2.ModelSpec()
        )
        with find_model(self._models, spec) as handle:
            response = run_multi_inference(
                handle.model, handle.version, request, context.time_remaining()
            )
        if self._metrics is not None:
            self._count_examples(request)
        return response

    @answer_serving_errors
    def GetModelMetadata(  # noqa: N802  (name of the RPC)
        self,
        request: get_model_metadata_pb2.GetModelMetadataRequest,
        context: grpc.ServicerContext,
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """Tells all signatures of a version."""
        return get_model_metadata(self._models, request)

    def _answer(
        self,
        api: str,
        run: Callable,
        request: Any,
        context: grpc.ServicerContext,
    ) -> Any:
        started = time.perf_counter()
        timed = None
        with CatchErrors(f"answering {api}") as caught:
            require_model_spec(request)
            with find_model(self._models, request.model_spec) as handle:
                timed = TimedModel(handle.model)
                response = run(
                    timed, handle.version, request, context.time_remaining()
                )
        if self._metrics is not None:
            self._measure(api, request, caught, started, timed)
        if caught.error is None:
            return response
        return context.abort(
            caught.error.code, truncate_message(caught.error.message)
        )

    def _measure(
        self,
        api: str,
        request: Any,
        caught: CatchErrors,
        started: float,
        timed: TimedModel | None,
    ) -> None:
        name, metrics = request.model_spec.name, self._metrics
        if caught.error is not None:
            metrics.count_request(name, caught.error.code.name)
            return
        metrics.count_request(name, "OK")
        metrics.observe_request_latency(
            name, api, "GRPC", (time.perf_counter() - started) * 1e6
        )
        metrics.observe_runtime_latency(name, api, _RUNTIME, timed.microseconds)

    def _count_examples(
        self, request: inference_pb2.MultiInferenceRequest
    ) -> None:
        kind = request.input.WhichOneof("kind")
        count = len(getattr(request.input, kind).examples)
        labels = {"model": request.tasks[0].model_spec.name}
        self._metrics.observe("request_example_counts", labels, count)
        self._metrics.count("request_example_count_total", labels, count)
