"""Answers one REST call with the models that serve.

Source: tensorflow_serving/model_servers/http_rest_api_handler.cc and
http_server.cc (SERVING rules R-12, R-13, O-03 to O-05).
"""

import dataclasses
import functools
import json
import time
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import grpc

from serving.model_server.find_model import DEFAULT_SIGNATURE
from serving.model_server.find_model import find_model
from serving.model_server.inference.classify import run_classify
from serving.model_server.inference.predict import run_predict
from serving.model_server.inference.regress import run_regress
from serving.model_server.inference.timed_model import TimedModel
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest.example_body import read_examples
from serving.model_server.rest.json_answer import check_writable
from serving.model_server.rest.json_answer import write_classifications
from serving.model_server.rest.json_answer import write_columns
from serving.model_server.rest.json_answer import write_regressions
from serving.model_server.rest.json_answer import write_rows
from serving.model_server.rest.json_document import parse_object
from serving.model_server.rest.model_answers import write_metadata
from serving.model_server.rest.model_answers import write_status
from serving.model_server.rest.predict_body import is_row_form
from serving.model_server.rest.predict_body import read_columns
from serving.model_server.rest.predict_body import read_rows
from serving.model_server.rest.predict_body import read_signature_name
from serving.model_server.rest.request_path import RestCall
from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.model_handle import ModelHandle
from serving.model_server.versions.served_model import ServedModel
from serving.protos import classification_pb2
from serving.protos import meta_graph_pb2
from serving.protos import model_pb2
from serving.protos import predict_pb2
from serving.protos import regression_pb2

_ENTRYPOINT = "REST"
_RUNTIME = "TF1"
# tensorflow_serving/util/json_tensor.cc (SERVING rules ).
_HTTP_CODES = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
_SERVER_ERROR = 500


@dataclasses.dataclass(frozen=True)
class RestAnswer:
    """The HTTP status and the body of an answer."""

    status: int
    body: bytes


class RestHandler:
    """Runs calls; safe to use from many threads, and blocks while it runs."""

    def __init__(
        self,
        models: Mapping[str, ServedModel],
        metrics: ServerMetrics,
        timeout_seconds: float,
        checks_method_name: bool = False,
    ):
        """Answers from `models`, which are looked up for each call.

        Args:
            models: by name.
            metrics: where calls are counted.
            timeout_seconds: of one run of a model; 0 = none.
            checks_method_name: refuses signatures of a foreign method.
        """
        self._models = models
        self._metrics = metrics
        self._timeout_seconds = timeout_seconds or None
        self._run_predict = functools.partial(
            run_predict, checks_method_name=checks_method_name
        )

    def answer(self, call: RestCall, body: bytes, started: float) -> RestAnswer:
        """Answers a call, with the error as JSON where it cannot.

        Args:
            call: what the path asks for.
            body: what came with it, decompressed.
            started: `time.perf_counter()` when the call was there whole.
        """
        with CatchErrors(f"answering {call.api} over REST") as caught:
            content = self._run(call, body)
        if caught.error is not None:
            return self.refuse(call, caught.error)
        name = call.spec.name
        self._metrics.count_request(name, grpc.StatusCode.OK.name)
        self._metrics.observe_request_latency(
            name,
            call.metric_api,
            _ENTRYPOINT,
            (time.perf_counter() - started) * 1e6,
        )
        return RestAnswer(choose_http_status(grpc.StatusCode.OK), content)

    def refuse(self, call: RestCall, error: ServingError) -> RestAnswer:
        """Answers a call with an error, and counts it."""
        self._metrics.count_request(call.spec.name, error.code.name)
        body = b"" if call.has_empty_answer else render_error(error.message)
        return RestAnswer(choose_http_status(error.code), body)

    def _run(self, call: RestCall, body: bytes) -> bytes:
        if call.error is not None:
            raise call.error
        if call.api == "status":
            return write_status(self._models, call.spec)
        if call.api == "metadata":
            return write_metadata(self._models, call.spec)
        document = parse_object(body)
        spec = model_pb2.ModelSpec()
        spec.CopyFrom(call.spec)
        spec.signature_name = read_signature_name(document)
        if call.api == "predict":
            return self._predict(spec, document)
        examples = read_examples(document)
        if call.api == "classify":
            request = classification_pb2.ClassificationRequest(
                model_spec=spec, input=examples
            )
            return self._classify(request)
        request = regression_pb2.RegressionRequest(
            model_spec=spec, input=examples
        )
        return self._regress(request)

    def _predict(self, spec: model_pb2.ModelSpec, document: dict) -> bytes:
        with find_model(self._models, spec) as handle:
            signature = _find_signature(
                handle.model.signatures, spec.signature_name
            )
            is_row = is_row_form(document)
            read = read_rows if is_row else read_columns
            request = predict_pb2.PredictRequest(
                model_spec=spec, inputs=read(document, signature.inputs)
            )
            check_writable(signature.outputs)
            response = self._time("Predict", self._run_predict, handle, request)
        write = write_rows if is_row else write_columns
        return write(response.outputs)

    def _classify(
        self, request: classification_pb2.ClassificationRequest
    ) -> bytes:
        with find_model(self._models, request.model_spec) as handle:
            response = self._time("Classify", run_classify, handle, request)
        return write_classifications(
            ((each.label, each.score) for each in classes.classes)
            for classes in response.result.classifications
        )

    def _regress(self, request: regression_pb2.RegressionRequest) -> bytes:
        with find_model(self._models, request.model_spec) as handle:
            response = self._time("Regress", run_regress, handle, request)
        return write_regressions(
            each.value for each in response.result.regressions
        )

    def _time(
        self, api: str, run: Callable, handle: ModelHandle, request: Any
    ) -> Any:
        timed = TimedModel(handle.model)
        response = run(timed, handle.version, request, self._timeout_seconds)
        self._metrics.observe_runtime_latency(
            request.model_spec.name, api, _RUNTIME, timed.microseconds
        )
        return response


def _find_signature(
    signatures: Mapping[str, meta_graph_pb2.SignatureDef], name: str
) -> meta_graph_pb2.SignatureDef:
    signature = signatures.get(name or DEFAULT_SIGNATURE)
    if signature is None:
        raise invalid_argument(
            f'Serving signature name: "{name or DEFAULT_SIGNATURE}" not found '
            "in signature def"
        )
    if not signature.inputs:
        raise invalid_argument(
            f"Failed to get input map for signature: {name or 'DEFAULT'}"
        )
    return signature


def choose_http_status(code: grpc.StatusCode) -> int:
    """Returns the HTTP status that stands for a gRPC code."""
    return _HTTP_CODES.get(code, _SERVER_ERROR)


def render_error(message: str) -> bytes:
    """Writes the body of an error: an object with the one key `error`."""
    text = json.dumps({"error": message}, indent=4, ensure_ascii=False)
    # A message may quote bytes of the request that are no UTF-8.
    return text.encode("utf-8", "replace")
