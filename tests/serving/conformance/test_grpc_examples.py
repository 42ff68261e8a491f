"""Classify and Regress: rules C-01 to C-07, C-10."""

import grpc
import pytest

from serving.protos import classification_pb2
from serving.protos import input_pb2
from serving.protos import regression_pb2
from tests.serving.conformance.requests import build_classify
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input
from tests.serving.conformance.requests import build_regress
from tests.serving.conformance.requests import read_refusal

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
_HALF = "half_plus_two"
_TOOLBOX = "toolbox"
_TWO = build_input(build_example(x=2.0), build_example(x=4.0))


def test_c01_examples_are_answered_in_their_order(prediction):
    response = prediction.Regress(build_regress(_HALF, "regress_x_to_y", _TWO))
    # Version 2: half plus three.
    assert [r.value for r in response.result.regressions] == [4.0, 5.0]


def test_c01_context_stands_before_every_example(prediction):
    context, example = build_example(x=2.0), build_example(x2=4.0)
    proto = build_input(example, example, context=context)
    request = build_regress(_TOOLBOX, "regress_flat", proto)
    length = context.ByteSize() + example.ByteSize()
    assert [
        r.value for r in prediction.Regress(request).result.regressions
    ] == [length, length]


def test_c01_features_of_the_context_count_for_every_example(prediction):
    proto = build_input(
        build_example(x2=4.0),
        build_example(x2=8.0),
        context=build_example(x=2.0),
    )
    request = build_classify(_HALF, "classify_both", proto)
    found = prediction.Classify(request).result.classifications
    assert [[c.score for c in row.classes] for row in found] == [
        [4.0, 5.0],
        [4.0, 7.0],
    ]


@pytest.mark.parametrize("signature", ["nothing", ""])
def test_c02_unknown_signature_is_invalid_argument(prediction, signature):
    name = signature or "serving_default"
    for call, request in (
        (prediction.Classify, build_classify(_TOOLBOX, "nothing", _TWO)),
        (prediction.Regress, build_regress(_TOOLBOX, "nothing", _TWO)),
    ):
        request.model_spec.signature_name = signature
        code, message = read_refusal(call, request)
        assert code is _INVALID
        if signature:
            assert message == f"No signature was found with the name: {name}"


@pytest.mark.parametrize(
    ("signature", "code", "message"),
    [
        ("classify_two_inputs", _INVALID, "Expected one input Tensor."),
        (
            "classify_other_input",
            _PRECONDITION,
            "No classification inputs found in SignatureDef: ",
        ),
        (
            "classify_nothing",
            _PRECONDITION,
            "Expected classification signature outputs to contain at least "
            'one of "classes" or "scores". Signature was: ',
        ),
    ],
)
def test_c03_signature_that_is_no_classification_is_refused(
    prediction, signature, code, message
):
    request = build_classify(_TOOLBOX, signature, _TWO)
    found_code, found = read_refusal(prediction.Classify, request)
    assert found_code is code
    assert found.startswith(message)


def test_c03_scores_alone_make_a_classification(prediction):
    request = build_classify(_HALF, "classify_x_to_y", _TWO)
    found = prediction.Classify(request).result.classifications
    assert [[(c.label, c.score) for c in row.classes] for row in found] == [
        [("", 4.0)],
        [("", 5.0)],
    ]


def test_c03_labels_alone_make_a_classification(prediction):
    proto = build_input(build_example(x=2.0))
    request = build_classify(_TOOLBOX, "classify_labels", proto)
    (row,) = prediction.Classify(request).result.classifications
    assert len(row.classes) == 2
    assert row.classes[0].label
    assert row.classes[0].score == 0.0


def test_c03_labels_and_scores_go_together(prediction):
    proto = build_input(build_example(x=2.0, x2=4.0))
    request = build_classify(_HALF, "classify_both", proto)
    (row,) = prediction.Classify(request).result.classifications
    assert [(c.label, c.score) for c in row.classes] == [
        ("4.0", 4.0),
        ("5.0", 5.0),
    ]


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (
            "classify_flat",
            "Expected Tensor shape: [batch_size num_classes] but got [2]",
        ),
        (
            "classify_short",
            "Expected scores output batch size of 2. Got: 1",
        ),
        (
            "classify_numbers",
            "Expected classes Tensor of DT_STRING. Got: DT_FLOAT",
        ),
    ],
)
def test_c04_output_that_does_not_fit_the_examples_is_an_error(
    prediction, signature, message
):
    request = build_classify(_TOOLBOX, signature, _TWO)
    assert read_refusal(prediction.Classify, request) == (_INVALID, message)


@pytest.mark.parametrize("signature", ["regress_flat", "regress_x_to_y"])
def test_c05_outputs_of_one_or_two_dimensions_are_numbers(
    prediction, signature
):
    model = _TOOLBOX if signature == "regress_flat" else _HALF
    response = prediction.Regress(build_regress(model, signature, _TWO))
    assert len(response.result.regressions) == 2


@pytest.mark.parametrize(
    ("signature", "code", "message"),
    [
        (
            "regress_wide",
            _INVALID,
            "Expected output Tensor shape to be either [batch_size] or "
            "[batch_size, 1] but got [2,2]",
        ),
        (
            "regress_short",
            _INVALID,
            "Input batch size did not match output batch size: 2 vs. 1",
        ),
        (
            "regress_double",
            _INVALID,
            "Expected output Tensor of DT_FLOAT.  Got: DT_DOUBLE",
        ),
        (
            "regress_nothing",
            _PRECONDITION,
            "No regression outputs found in SignatureDef: ",
        ),
    ],
)
def test_c05_output_that_is_no_regression_is_an_error(
    prediction, signature, code, message
):
    request = build_regress(_TOOLBOX, signature, _TWO)
    found_code, found = read_refusal(prediction.Regress, request)
    assert found_code is code
    assert found.startswith(message)


@pytest.mark.parametrize(
    "proto",
    [
        input_pb2.Input(),
        input_pb2.Input(example_list=input_pb2.ExampleList()),
        build_input(context=build_example(x=1.0)),
    ],
    ids=["nothing", "empty list", "only a context"],
)
def test_c06_no_example_is_invalid_argument(prediction, proto):
    refusal = (_INVALID, "Input is empty.")
    request = build_classify(_HALF, "classify_x_to_y", proto)
    assert read_refusal(prediction.Classify, request) == refusal
    request = build_regress(_HALF, "regress_x_to_y", proto)
    assert read_refusal(prediction.Regress, request) == refusal


def test_c07_answer_names_model_signature_and_version(prediction):
    request = build_regress(_HALF, "regress_x_to_y", _TWO)
    request.model_spec.version_label = "stable"
    spec = prediction.Regress(request).model_spec
    assert (spec.name, spec.signature_name) == (_HALF, "regress_x_to_y")
    assert spec.version.value == 1
    assert spec.version_label == ""


def test_l02_unknown_model_is_not_found_for_examples_too(prediction):
    refusal = (
        grpc.StatusCode.NOT_FOUND,
        "Servable not found for request: Latest(nobody)",
    )
    request = classification_pb2.ClassificationRequest(input=_TWO)
    request.model_spec.name = "nobody"
    assert read_refusal(prediction.Classify, request) == refusal
    request = regression_pb2.RegressionRequest(input=_TWO)
    request.model_spec.name = "nobody"
    assert read_refusal(prediction.Regress, request) == refusal


def test_c10_predict_signature_is_no_classification(prediction):
    request = build_classify(_HALF, "serving_default", _TWO)
    code, _ = read_refusal(prediction.Classify, request)
    assert code is _PRECONDITION
