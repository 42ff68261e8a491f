"""MultiInference: rules C-08 and C-09."""

import grpc
import pytest

from serving.protos import inference_pb2
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input
from tests.serving.conformance.requests import read_refusal

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_HALF = "half_plus_two"
_TOOLBOX = "toolbox"
_TWO = build_input(build_example(x=2.0), build_example(x=4.0))
_CLASSIFY = "tensorflow/serving/classify"
_REGRESS = "tensorflow/serving/regress"


def _multi(*tasks, proto=_TWO):
    request = inference_pb2.MultiInferenceRequest(input=proto)
    for model, signature, method in tasks:
        task = request.tasks.add(method_name=method)
        task.model_spec.name = model
        task.model_spec.signature_name = signature
    return request


def test_c08_tasks_are_answered_in_their_order(prediction):
    request = _multi(
        (_HALF, "classify_x_to_y", _CLASSIFY),
        (_HALF, "regress_x2_to_y3", _REGRESS),
    )
    first, second = prediction.MultiInference(request).results
    rows = first.classification_result.classifications
    assert [row.classes[0].score for row in rows] == [4.0, 5.0]
    assert [r.value for r in second.regression_result.regressions] == [3.0, 3.0]
    assert first.model_spec.signature_name == "classify_x_to_y"
    assert second.model_spec.name == _HALF
    assert second.model_spec.version.value == 2


_GOOD = (_HALF, "regress_x_to_y", _REGRESS)


@pytest.mark.parametrize(
    ("tasks", "code", "message"),
    [
        (
            [_GOOD, (_TOOLBOX, "regress_flat", _REGRESS)],
            _INVALID,
            "All ModelSpecs in a MultiInferenceRequest must access the same "
            "model name.",
        ),
        (
            [_GOOD, ("", "regress_flat", _REGRESS)],
            _INVALID,
            "Found ModelSpec with an empty model name.",
        ),
        (
            [_GOOD, _GOOD],
            _INVALID,
            "Duplicate evaluation of signature: regress_x_to_y",
        ),
        (
            [(_HALF, "regress_x_to_y", "tensorflow/serving/predict")],
            grpc.StatusCode.UNIMPLEMENTED,
            "Unsupported signature method_name: tensorflow/serving/predict",
        ),
        ([], _INVALID, "ModelSpec has no name specified."),
    ],
    ids=["two models", "no name", "twice", "predict", "no task"],
)
def test_c08_tasks_that_do_not_fit_are_refused(
    prediction, tasks, code, message
):
    assert read_refusal(prediction.MultiInference, _multi(*tasks)) == (
        code,
        message,
    )


def test_c09_unknown_signature_of_a_task_is_invalid_argument(prediction):
    request = _multi(_GOOD, (_HALF, "nothing", _REGRESS))
    assert read_refusal(prediction.MultiInference, request) == (
        _INVALID,
        "Requested signature not found in model graph: nothing",
    )
