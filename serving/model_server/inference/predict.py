"""What `Predict` does with a loaded model and a request.

Order of the checks, codes and texts are those of TF Serving's
servables/tensorflow/predict_util.cc and TensorFlow's cc/saved_model/util.cc
(SERVING rules P-01 to P-15): the order decides which error a doubly wrong
request gets.
"""

from collections.abc import Iterable

import grpc
import numpy as np

from serving.model_server.find_model import answer_model_spec
from serving.model_server.find_model import name_signature
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import meta_graph_pb2
from serving.protos import predict_pb2
from serving.protos import tensor_pb2
from serving.tensors import decode_tensor
from serving.tensors import encode_tensor
from serving.tensors import encode_tensor_content

_METHODS = (
    "tensorflow/serving/predict",
    "tensorflow/serving/classify",
    "tensorflow/serving/regress",
)


def run_predict(
    model: LoadedModel,
    version: int,
    request: predict_pb2.PredictRequest,
    timeout_seconds: float | None = None,
    *,
    as_tensor_content: bool = False,
    checks_method_name: bool = False,
) -> predict_pb2.PredictResponse:
    """Answers one request with one version of a model.

    Args:
        model: what to run.
        version: what the answer says it was.
        request: names the signature, and holds its inputs.
        timeout_seconds: when to give up; None waits.
        as_tensor_content: answers numbers in `tensor_content`. Texts stay in
            `string_val`, where every client finds them (TF Serving packs
            those too).
        checks_method_name: refuses a signature of a foreign method.

    Raises:
        ServingError: the request does not fit the signature, or the run
            failed.
    """
    signature_name = name_signature(request.model_spec)
    if signature_name not in model.signatures:
        raise ServingError(
            grpc.StatusCode.FAILED_PRECONDITION,
            f'Serving signature key "{signature_name}" not found.',
        )
    signature = model.signatures[signature_name]
    if checks_method_name:
        _check_method_name(signature)
    _check_input_count(signature, request)
    feeds = _read_inputs(signature, request)
    aliases = _select_outputs(signature, request)
    names = [signature.outputs[alias].name for alias in aliases]
    values = model.run(feeds, names, timeout_seconds)

    response = predict_pb2.PredictResponse()
    response.model_spec.CopyFrom(answer_model_spec(request.model_spec, version))
    for alias, value in zip(aliases, values, strict=True):
        response.outputs[alias].CopyFrom(
            _encode_output(alias, value, as_tensor_content)
        )
    return response


def _check_method_name(signature: meta_graph_pb2.SignatureDef) -> None:
    if signature.method_name not in _METHODS:
        raise ServingError(
            grpc.StatusCode.INTERNAL,
            "Expected prediction signature method_name to be one of "
            f"{{{', '.join(_METHODS)}}}. Was: {signature.method_name}",
        )


def _check_input_count(
    signature: meta_graph_pb2.SignatureDef, request: predict_pb2.PredictRequest
) -> None:
    sent, wanted = set(request.inputs), set(signature.inputs)
    if len(sent) == len(wanted):
        return
    if len(sent) < len(wanted) and signature.defaults:
        return
    raise invalid_argument(
        f"input size does not match signature: {len(sent)}!={len(wanted)} "
        f"len({{{_join(sent)}}}) != len({{{_join(wanted)}}}). "
        f"Sent extra: {{{_join(sent - wanted)}}}. "
        f"Missing but required: {{{_join(wanted - sent)}}}."
    )


def _read_inputs(
    signature: meta_graph_pb2.SignatureDef, request: predict_pb2.PredictRequest
) -> dict[str, np.ndarray]:
    feeds = {}
    for alias in sorted(signature.inputs):
        feed_name = signature.inputs[alias].name
        if alias in request.inputs:
            proto = request.inputs[alias]
        elif alias in signature.defaults:
            proto = signature.defaults[alias]
        else:
            raise invalid_argument(
                f"Signature input alias: {alias}(feed name: {feed_name}) not "
                "found in request and no default value provided. Inputs "
                "expected to be in the request "
                f"{{{_join(request.inputs)}}}, or default input alias set: "
                f"{_join(signature.defaults)}"
            )
        try:
            feeds[feed_name] = decode_tensor(proto)
        except ValueError as error:
            raise invalid_argument(f"tensor parsing error: {alias}") from error
    used = set(request.inputs) & set(signature.inputs)
    if len(used) != len(request.inputs):
        raise invalid_argument(
            "Inputs contains invalid name. Used request inputs: "
            f"{_join(used)}, request input: {_join(request.inputs)}"
        )
    return feeds


def _select_outputs(
    signature: meta_graph_pb2.SignatureDef, request: predict_pb2.PredictRequest
) -> list[str]:
    seen = []
    for alias in request.output_filter:
        if alias not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {alias} Outputs "
                "expected to be in the set "
                f"{{{_join(signature.outputs)}}}."
            )
        if alias in seen:
            raise invalid_argument(f"duplicate output tensor alias: {alias}")
        seen.append(alias)
    return seen or sorted(signature.outputs)


def _encode_output(
    alias: str, value: np.ndarray, as_tensor_content: bool
) -> tensor_pb2.TensorProto:
    try:
        if as_tensor_content:
            return encode_tensor_content(value)
        return encode_tensor(value)
    except ValueError as error:
        raise ServingError(
            grpc.StatusCode.UNIMPLEMENTED, f"output {alias}: {error}"
        ) from error


def _join(names: Iterable[str]) -> str:
    return ",".join(sorted(names))
