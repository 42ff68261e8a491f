"""What `Classify` does with a loaded model and a request.

Order of the checks, codes and texts are those of TF Serving's
servables/tensorflow/classifier.cc (SERVING rules C-02 to C-07).
"""

from collections.abc import Mapping

import numpy as np

from serving.model_server.find_model import answer_model_spec
from serving.model_server.find_model import name_signature
from serving.model_server.inference.example_input import read_examples
from serving.model_server.inference.tensor_texts import describe_shape
from serving.model_server.inference.tensor_texts import name_data_type
from serving.model_server.serving_error import failed_precondition
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import classification_pb2
from serving.protos import meta_graph_pb2

CLASSIFY_METHOD = "tensorflow/serving/classify"
INPUT = "inputs"
_CLASSES = "classes"
_SCORES = "scores"


def run_classify(
    model: LoadedModel,
    version: int,
    request: classification_pb2.ClassificationRequest,
    timeout_seconds: float | None = None,
    *,
    checks_method_name: bool = False,
) -> classification_pb2.ClassificationResponse:
    """Answers one request with one version of a model.

    Args:
        model: what to run.
        version: what the answer says it was.
        request: names the signature, and holds the examples.
        timeout_seconds: when to give up; None waits.
        checks_method_name: refuses a signature of another method.

    Raises:
        ServingError: the signature is no classification, the request does not
            fit it, or the run failed.
    """
    spec = request.model_spec
    signature = find_signature(model, name_signature(spec))
    if checks_method_name:
        check_method_name(signature, "classification", CLASSIFY_METHOD)
    input_name, output_names = check_classify_signature(signature)
    examples = read_examples(request.input)
    values = model.run({input_name: examples}, output_names, timeout_seconds)

    response = classification_pb2.ClassificationResponse()
    response.model_spec.CopyFrom(answer_model_spec(spec, version))
    fill_classifications(
        signature,
        len(examples),
        dict(zip(output_names, values, strict=True)),
        response.result,
    )
    return response


def find_signature(
    model: LoadedModel, signature_name: str
) -> meta_graph_pb2.SignatureDef:
    """Finds a signature as Classify and Regress do.

    Raises:
        ServingError: there is none of this name.
    """
    signature = model.signatures.get(signature_name)
    if signature is None:
        raise invalid_argument(
            f"No signature was found with the name: {signature_name}"
        )
    return signature


def check_method_name(
    signature: meta_graph_pb2.SignatureDef, kind: str, wanted: str
) -> None:
    """Checks that a signature was exported for a method.

    Args:
        signature: what was asked for.
        kind: "classification" or "regression".
        wanted: name of the method.

    Raises:
        ServingError: it was exported for another one.
    """
    if signature.method_name != wanted:
        raise invalid_argument(
            f"Expected {kind} signature method_name to be {wanted}. Was: "
            f"{signature.method_name}"
        )


def check_classify_signature(
    signature: meta_graph_pb2.SignatureDef,
) -> tuple[str, list[str]]:
    """Returns the tensor to feed and the tensors to fetch.

    Raises:
        ServingError: the signature is no classification.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(
            "Expected one or two output Tensors, found "
            f"{len(signature.outputs)}"
        )
    if INPUT not in signature.inputs:
        raise failed_precondition(
            f"No classification inputs found in SignatureDef: {signature}"
        )
    names = [
        signature.outputs[alias].name
        for alias in (_CLASSES, _SCORES)
        if alias in signature.outputs
    ]
    if not names:
        raise failed_precondition(
            "Expected classification signature outputs to contain at least "
            f'one of "{_CLASSES}" or "{_SCORES}". Signature was: {signature}'
        )
    return signature.inputs[INPUT].name, names


def fill_classifications(
    signature: meta_graph_pb2.SignatureDef,
    num_examples: int,
    values: Mapping[str, np.ndarray],
    result: classification_pb2.ClassificationResult,
) -> None:
    """Writes what a run gave into a result.

    Args:
        signature: one that `check_classify_signature` took.
        num_examples: how many examples were fed.
        values: tensor name to what was fetched; more than needed is fine.
        result: an empty result.

    Raises:
        ServingError: the outputs do not belong to that many examples.
    """
    found = {
        alias: np.asarray(values[signature.outputs[alias].name])
        for alias in (_CLASSES, _SCORES)
        if alias in signature.outputs
    }
    for alias, value in found.items():
        _check_output(alias, value, num_examples)
    classes, scores = found.get(_CLASSES), found.get(_SCORES)
    widths = [value.shape[1] for value in found.values()]
    if len(set(widths)) > 1:
        raise invalid_argument(
            "Tensors class and score should match in dim_size(1). Got "
            f"{widths[0]} vs. {widths[1]}"
        )
    labels = None if classes is None else [_decode(row) for row in classes]
    numbers = None if scores is None else scores.tolist()
    for row in range(num_examples):
        entries = result.classifications.add().classes
        for column in range(widths[0]):
            entry = entries.add()
            if labels is not None:
                entry.label = labels[row][column]
            if numbers is not None:
                entry.score = numbers[row][column]


def _decode(row: np.ndarray) -> list[str]:
    try:
        return [text.decode() for text in row]
    except UnicodeDecodeError as error:
        raise invalid_argument("A class label must be UTF-8.") from error


def _check_output(alias: str, value: np.ndarray, num_examples: int) -> None:
    if value.ndim != 2:
        raise invalid_argument(
            "Expected Tensor shape: [batch_size num_classes] but got "
            f"{describe_shape(value)}"
        )
    wanted = "DT_STRING" if alias == _CLASSES else "DT_FLOAT"
    if name_data_type(value) != wanted:
        raise invalid_argument(
            f"Expected {alias} Tensor of {wanted}. Got: {name_data_type(value)}"
        )
    if len(value) != num_examples:
        raise invalid_argument(
            f"Expected {alias} output batch size of {num_examples}. Got: "
            f"{len(value)}"
        )
