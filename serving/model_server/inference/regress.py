"""What `Regress` does with a loaded model and a request.

Order of the checks, codes and texts are those of TF Serving's
servables/tensorflow/regressor.cc (SERVING rules C-02, C-05 to C-07).
"""

import numpy as np

from serving.model_server.find_model import answer_model_spec
from serving.model_server.find_model import name_signature
from serving.model_server.inference.classify import INPUT
from serving.model_server.inference.classify import check_method_name
from serving.model_server.inference.classify import find_signature
from serving.model_server.inference.example_input import read_examples
from serving.model_server.inference.tensor_texts import describe_shape
from serving.model_server.inference.tensor_texts import name_data_type
from serving.model_server.serving_error import failed_precondition
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import meta_graph_pb2
from serving.protos import regression_pb2

REGRESS_METHOD = "tensorflow/serving/regress"
_OUTPUT = "outputs"


def run_regress(
    model: LoadedModel,
    version: int,
    request: regression_pb2.RegressionRequest,
    timeout_seconds: float | None = None,
    *,
    checks_method_name: bool = False,
) -> regression_pb2.RegressionResponse:
    """Answers one request with one version of a model.

    Args:
        model: what to run.
        version: what the answer says it was.
        request: names the signature, and holds the examples.
        timeout_seconds: when to give up; None waits.
        checks_method_name: refuses a signature of another method.

    Raises:
        ServingError: the signature is no regression, the request does not
            fit it, or the run failed.
    """
    spec = request.model_spec
    signature = find_signature(model, name_signature(spec))
    if checks_method_name:
        check_method_name(signature, "regression", REGRESS_METHOD)
    input_name, output_name = check_regress_signature(signature)
    examples = read_examples(request.input)
    (value,) = model.run({input_name: examples}, [output_name], timeout_seconds)

    response = regression_pb2.RegressionResponse()
    response.model_spec.CopyFrom(answer_model_spec(spec, version))
    fill_regressions(len(examples), value, response.result)
    return response


def check_regress_signature(
    signature: meta_graph_pb2.SignatureDef,
) -> tuple[str, str]:
    """Returns the tensor to feed and the tensor to fetch.

    Raises:
        ServingError: the signature is no regression.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    if INPUT not in signature.inputs:
        raise failed_precondition(
            f"No regression inputs found in SignatureDef: {signature}"
        )
    if _OUTPUT not in signature.outputs:
        raise failed_precondition(
            f"No regression outputs found in SignatureDef: {signature}"
        )
    return signature.inputs[INPUT].name, signature.outputs[_OUTPUT].name


def fill_regressions(
    num_examples: int,
    value: np.ndarray,
    result: regression_pb2.RegressionResult,
) -> None:
    """Writes what a run gave into an empty result.

    Raises:
        ServingError: the output does not belong to that many examples.
    """
    value = np.asarray(value)
    if value.ndim != 1 and not (value.ndim == 2 and value.shape[1] == 1):
        raise invalid_argument(
            "Expected output Tensor shape to be either [batch_size] or "
            f"[batch_size, 1] but got {describe_shape(value)}"
        )
    if len(value) != num_examples:
        raise invalid_argument(
            "Input batch size did not match output batch size: "
            f"{num_examples} vs. {len(value)}"
        )
    if name_data_type(value) != "DT_FLOAT":
        raise invalid_argument(
            f"Expected output Tensor of DT_FLOAT.  Got: {name_data_type(value)}"
        )
    for number in value.ravel().tolist():
        result.regressions.add(value=number)
