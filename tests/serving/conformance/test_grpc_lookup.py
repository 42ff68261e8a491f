"""Finding a model (rules G-04, L-*) and its metadata (D-*)."""

import grpc
import pytest

from serving.protos import classification_pb2
from serving.protos import get_model_metadata_pb2
from serving.protos import get_model_status_pb2
from serving.protos import inference_pb2
from serving.protos import predict_pb2
from serving.protos import regression_pb2
from serving.tensors import decode_tensor
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import read_refusal

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_NOT_FOUND = grpc.StatusCode.NOT_FOUND
_HALF = "half_plus_two"


def _refuse(prediction, model, **changes):
    request = build_predict(model, {"x": [2.0]})
    for name, value in changes.items():
        if name == "version":
            request.model_spec.version.value = value
        else:
            setattr(request.model_spec, name, value)
    return read_refusal(prediction.Predict, request)


@pytest.mark.parametrize(
    ("method", "request_type"),
    [
        ("Predict", predict_pb2.PredictRequest),
        ("Classify", classification_pb2.ClassificationRequest),
        ("Regress", regression_pb2.RegressionRequest),
        ("GetModelMetadata", get_model_metadata_pb2.GetModelMetadataRequest),
    ],
)
def test_g04_missing_model_spec_is_invalid_argument(
    prediction, method, request_type
):
    refusal = read_refusal(getattr(prediction, method), request_type())
    assert refusal == (_INVALID, "Missing ModelSpec")


def test_g04_missing_model_spec_of_a_status_is_invalid_argument(
    models_service,
):
    request = get_model_status_pb2.GetModelStatusRequest()
    refusal = read_refusal(models_service.GetModelStatus, request)
    assert refusal == (_INVALID, "Missing ModelSpec")


def test_g01_all_calls_of_both_services_are_there(prediction, models_service):
    """An empty request is refused, but not as UNIMPLEMENTED."""
    calls = [
        (prediction.MultiInference, inference_pb2.MultiInferenceRequest()),
        (prediction.Predict, predict_pb2.PredictRequest()),
        (
            models_service.GetModelStatus,
            get_model_status_pb2.GetModelStatusRequest(),
        ),
    ]
    codes = {read_refusal(call, request)[0] for call, request in calls}
    assert codes == {_INVALID}


def test_l01_empty_name_is_invalid_argument(prediction):
    assert _refuse(prediction, "") == (
        _INVALID,
        "ModelSpec has no name specified.",
    )


def test_l02_unknown_model_is_not_found(prediction):
    assert _refuse(prediction, "nobody") == (
        _NOT_FOUND,
        "Servable not found for request: Latest(nobody)",
    )


@pytest.mark.parametrize("model", ["half_plus_two", "nobody"])
def test_l03_unknown_version_is_not_found(prediction, model):
    assert _refuse(prediction, model, version=99) == (
        _NOT_FOUND,
        f"Servable not found for request: Specific({model}, 99)",
    )


@pytest.mark.parametrize("model", ["half_plus_two", "toolbox", "nobody"])
def test_l04_unknown_label_is_invalid_argument(prediction, model):
    assert _refuse(prediction, model, version_label="newest") == (
        _INVALID,
        "Unrecognized servable version label: newest",
    )


@pytest.mark.parametrize(("label", "y"), [("stable", 3.0), ("canary", 4.0)])
def test_l04_label_means_the_version_of_the_config(prediction, label, y):
    request = build_predict(_HALF, {"x": [2.0]})
    request.model_spec.version_label = label
    response = prediction.Predict(request)
    assert decode_tensor(response.outputs["y"]).tolist() == [y]
    assert response.model_spec.version.value == {3.0: 1, 4.0: 2}[y]
    assert response.model_spec.version_label == ""


def test_l06_no_version_means_the_highest_loaded_one(prediction):
    response = prediction.Predict(build_predict(_HALF, {"x": [2.0]}))
    assert response.model_spec.version.value == 2
    assert decode_tensor(response.outputs["y"]).tolist() == [4.0]


def test_l07_labels_stable_and_canary_are_not_built_in(prediction):
    code, _ = _refuse(prediction, "toolbox", version_label="stable")
    assert code is _INVALID


def test_l08_version_zero_is_a_version_like_any_other(prediction):
    assert _refuse(prediction, _HALF, version=0) == (
        _NOT_FOUND,
        f"Servable not found for request: Specific({_HALF}, 0)",
    )


def test_g02_long_message_is_cut(prediction):
    _, message = _refuse(prediction, _HALF, signature_name="s" * 2000)
    assert message.endswith("...TRUNCATED")
    assert len(message) == 1024 + len("...TRUNCATED")


def _metadata(*fields, model=_HALF):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = model
    request.metadata_field.extend(fields)
    return request


def test_d01_metadata_without_a_field_is_invalid_argument(prediction):
    assert read_refusal(prediction.GetModelMetadata, _metadata()) == (
        _INVALID,
        "GetModelMetadataRequest must specify at least one metadata_field",
    )


def test_d02_unknown_field_is_told_before_the_model_is_looked_up(prediction):
    request = _metadata("signature_def", "size", model="nobody")
    assert read_refusal(prediction.GetModelMetadata, request) == (
        _INVALID,
        "Metadata field size is not supported",
    )


def test_d03_metadata_holds_every_signature(prediction):
    response = prediction.GetModelMetadata(_metadata("signature_def"))
    assert response.model_spec.name == _HALF
    assert response.model_spec.version.value == 2
    assert response.model_spec.signature_name == ""
    found = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(found)
    assert {
        name: (signature.method_name, sorted(signature.outputs))
        for name, signature in found.signature_def.items()
    } == {
        "serving_default": ("tensorflow/serving/predict", ["y"]),
        "regress_x_to_y": ("tensorflow/serving/regress", ["outputs"]),
        "regress_x2_to_y3": ("tensorflow/serving/regress", ["outputs"]),
        "classify_x_to_y": ("tensorflow/serving/classify", ["scores"]),
        "classify_both": ("tensorflow/serving/classify", ["classes", "scores"]),
    }


def test_d03_metadata_of_an_unknown_version_is_not_found(prediction):
    request = _metadata("signature_def")
    request.model_spec.version.value = 99
    assert read_refusal(prediction.GetModelMetadata, request) == (
        _NOT_FOUND,
        f"Servable not found for request: Specific({_HALF}, 99)",
    )
