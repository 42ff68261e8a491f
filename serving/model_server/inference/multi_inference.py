"""What `MultiInference` does: several signatures, the examples fed once.

Order of the checks, codes and texts are those of TF Serving's
servables/tensorflow/multi_inference.cc (SERVING rules C-08, C-09).
"""

from collections.abc import Container
from collections.abc import Mapping

import grpc
import numpy as np

from serving.model_server.find_model import answer_model_spec
from serving.model_server.find_model import name_signature
from serving.model_server.inference.classify import CLASSIFY_METHOD
from serving.model_server.inference.classify import check_classify_signature
from serving.model_server.inference.classify import fill_classifications
from serving.model_server.inference.example_input import read_examples
from serving.model_server.inference.regress import REGRESS_METHOD
from serving.model_server.inference.regress import check_regress_signature
from serving.model_server.inference.regress import fill_regressions
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import inference_pb2
from serving.protos import meta_graph_pb2


def run_multi_inference(
    model: LoadedModel,
    version: int,
    request: inference_pb2.MultiInferenceRequest,
    timeout_seconds: float | None = None,
) -> inference_pb2.MultiInferenceResponse:
    """Answers one request with one version of a model.

    Raises:
        ServingError: the tasks contradict each other, a signature is not of
            its task's kind, or the run failed.
    """
    signatures, input_names, output_names = {}, set(), []
    for task in request.tasks:
        _check_task(task, request.tasks[0], signatures)
        signature = _find_signature(model, name_signature(task.model_spec))
        input_name, outputs = _check_signature(signature, task.method_name)
        signatures[name_signature(task.model_spec)] = signature
        input_names.add(input_name)
        output_names += [n for n in outputs if n not in output_names]
    examples = read_examples(request.input)
    values = model.run(
        dict.fromkeys(input_names, examples), output_names, timeout_seconds
    )
    by_name = dict(zip(output_names, values, strict=True))
    response = inference_pb2.MultiInferenceResponse()
    for task, signature in zip(request.tasks, signatures.values(), strict=True):
        result = response.results.add()
        _fill(signature, task.method_name, len(examples), by_name, result)
        result.model_spec.CopyFrom(answer_model_spec(task.model_spec, version))
    return response


def _check_task(
    task: inference_pb2.InferenceTask,
    first: inference_pb2.InferenceTask,
    seen: Container[str],
) -> None:
    if not task.model_spec.name:
        raise invalid_argument("Found ModelSpec with an empty model name.")
    if task.model_spec.name != first.model_spec.name:
        raise invalid_argument(
            "All ModelSpecs in a MultiInferenceRequest must access the same "
            "model name."
        )
    signature_name = name_signature(task.model_spec)
    if signature_name in seen:
        raise invalid_argument(
            f"Duplicate evaluation of signature: {signature_name}"
        )


def _find_signature(
    model: LoadedModel, name: str
) -> meta_graph_pb2.SignatureDef:
    signature = model.signatures.get(name)
    if signature is None:
        raise invalid_argument(
            f"Requested signature not found in model graph: {name}"
        )
    return signature


def _check_signature(
    signature: meta_graph_pb2.SignatureDef, method_name: str
) -> tuple[str, list[str]]:
    if method_name == CLASSIFY_METHOD:
        return check_classify_signature(signature)
    if method_name == REGRESS_METHOD:
        input_name, output_name = check_regress_signature(signature)
        return input_name, [output_name]
    raise ServingError(
        grpc.StatusCode.UNIMPLEMENTED,
        f"Unsupported signature method_name: {method_name}",
    )


def _fill(
    signature: meta_graph_pb2.SignatureDef,
    method_name: str,
    num_examples: int,
    values: Mapping[str, np.ndarray],
    result: inference_pb2.InferenceResult,
) -> None:
    if method_name == CLASSIFY_METHOD:
        fill_classifications(
            signature, num_examples, values, result.classification_result
        )
        return
    _, output_name = check_regress_signature(signature)
    fill_regressions(
        num_examples, values[output_name], result.regression_result
    )
