"""Predict: rules P-*."""

import grpc
import ml_dtypes
import numpy as np
import pytest

from serving.protos import types_pb2
from serving.tensors import decode_tensor
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import read_refusal

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_TOOLBOX = "toolbox"
_ARRAYS = {
    "float": np.array([1.5, -2.0], np.float32),
    "double": np.array([1e300], np.float64),
    "int8": np.array([[-128], [127]], np.int8),
    "int16": np.array([-(2**15)], np.int16),
    "int32": np.array(-7, np.int32),
    "int64": np.array([2**62], np.int64),
    "uint8": np.array([255], np.uint8),
    "uint16": np.array([2**16 - 1], np.uint16),
    "uint32": np.array([2**32 - 1], np.uint32),
    "uint64": np.array([2**64 - 1], np.uint64),
    "bool": np.array([True, False]),
    "string": np.array([b"a\x00", b"\xff", b""], object),
    "half": np.array([0.5], np.float16),
    "bfloat16": np.array([0.5], ml_dtypes.bfloat16),
    "complex64": np.array([[1.5 - 2j]], np.complex64),
}


def _predict(prediction, *arguments, **options):
    return prediction.Predict(build_predict(_TOOLBOX, *arguments, **options))


def _refuse(prediction, inputs, signature="", **changes):
    request = build_predict(_TOOLBOX, inputs, signature)
    request.output_filter.extend(changes.get("output_filter", ()))
    return read_refusal(prediction.Predict, request)


def test_p01_empty_signature_name_is_serving_default(prediction):
    response = _predict(prediction, {"a": [1.0, 2.0], "b": [10.0, 20.0]})
    assert response.model_spec.signature_name == "serving_default"
    assert decode_tensor(response.outputs["total"]).tolist() == [11.0, 22.0]


def test_p02_answer_names_model_signature_and_version(prediction):
    spec = _predict(prediction, {"a": [1.0]}, signature="scalar").model_spec
    assert (spec.name, spec.signature_name) == (_TOOLBOX, "scalar")
    assert spec.version.value == 7
    assert spec.version_label == ""


def test_p03_look_up_comes_before_the_signature(prediction):
    request = build_predict("nobody", {}, "nothing")
    assert read_refusal(prediction.Predict, request)[0] is (
        grpc.StatusCode.NOT_FOUND
    )


def test_p03_signature_comes_before_the_inputs(prediction):
    assert _refuse(prediction, {}, "nothing")[0] is (
        grpc.StatusCode.FAILED_PRECONDITION
    )


def test_p03_input_count_comes_before_names_and_output_filter(prediction):
    _, message = _refuse(prediction, {"z": [1.0]}, output_filter=["nothing"])
    assert message.startswith("input size does not match signature")


def test_p03_input_names_come_before_the_output_filter(prediction):
    inputs = {"a": [1.0], "z": [1.0]}
    _, message = _refuse(prediction, inputs, output_filter=["nothing"])
    assert message.startswith("Signature input alias: b")


def test_p03_output_filter_comes_before_the_run(prediction):
    inputs = {"a": np.array([1]), "b": [1.0]}
    _, message = _refuse(prediction, inputs, output_filter=["nothing"])
    assert message.startswith("output tensor alias not found")


def test_p04_signature_of_another_method_answers_predict_too(prediction):
    texts = np.array([b"abc"], object)
    response = _predict(prediction, {"inputs": texts}, signature="regress_flat")
    assert decode_tensor(response.outputs["outputs"]).tolist() == [3.0]


def test_p05_unknown_signature_is_failed_precondition(prediction):
    assert _refuse(prediction, {"a": [1.0]}, "nothing") == (
        grpc.StatusCode.FAILED_PRECONDITION,
        'Serving signature key "nothing" not found.',
    )


def test_p06_missing_input_is_invalid_argument(prediction):
    assert _refuse(prediction, {"b": [1.0]}) == (
        _INVALID,
        "input size does not match signature: 1!=2 len({b}) != len({a,b}). "
        "Sent extra: {}. Missing but required: {a}.",
    )


def test_p06_surplus_input_is_invalid_argument(prediction):
    inputs = {"a": [1.0], "b": [1.0], "z": [1.0], "c": [1.0]}
    assert _refuse(prediction, inputs) == (
        _INVALID,
        "input size does not match signature: 4!=2 len({a,b,c,z}) != "
        "len({a,b}). Sent extra: {c,z}. Missing but required: {}.",
    )


def test_p07_default_stands_for_a_missing_input(prediction):
    response = _predict(prediction, {"a": [1.0]}, signature="with_default")
    assert decode_tensor(response.outputs["y"]).tolist() == [11.0]
    both = {"a": [1.0], "b": [2.0]}
    response = _predict(prediction, both, signature="with_default")
    assert decode_tensor(response.outputs["y"]).tolist() == [3.0]


def test_p08_wrong_name_names_what_is_missing(prediction):
    code, message = _refuse(prediction, {"a": [1.0], "z": [1.0]})
    assert code is _INVALID
    assert message.startswith("Signature input alias: b")
    assert "not found in request and no default value provided" in message


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"b": [1.0]}, "Signature input alias: a"),
        ({"a": [1.0], "z": [1.0]}, "Inputs contains invalid name"),
    ],
)
def test_p08_default_of_one_input_stands_for_no_other(
    prediction, inputs, message
):
    code, text = _refuse(prediction, inputs, "with_default")
    assert code is _INVALID
    assert message in text


def test_p09_tensor_that_cannot_be_read_is_invalid_argument(prediction):
    request = build_predict(_TOOLBOX, {"a": [1.0], "b": [1.0]})
    request.inputs["b"].tensor_shape.dim[0].size = -1
    assert read_refusal(prediction.Predict, request) == (
        _INVALID,
        "tensor parsing error: b",
    )


def test_p10_wrong_dtype_counts_the_tensors_by_name(prediction):
    code, message = _refuse(prediction, {"a": [1.0], "b": np.array([1])})
    assert code is _INVALID
    assert message.startswith(
        "Expects arg[1] to be float but int64 is provided"
    )


def test_p11_wrong_shape_fails_in_the_first_op_that_minds(prediction):
    code, message = _refuse(prediction, {"pair": [[1.0, 2.0, 3.0]]}, "weigh")
    assert code is _INVALID
    assert "\n\t [[{{" in message


def test_p11_batch_sizes_that_never_meet_may_differ(prediction):
    inputs = {"a": [1.0], "b": [1.0, 2.0]}
    response = _predict(prediction, inputs, signature="apart")
    assert decode_tensor(response.outputs["a2"]).tolist() == [2.0]
    assert decode_tensor(response.outputs["b2"]).tolist() == [2.0, 4.0]


def test_p12_unknown_output_is_invalid_argument(prediction):
    inputs = {"a": [1.0], "b": [1.0]}
    assert _refuse(prediction, inputs, output_filter=["nothing"]) == (
        _INVALID,
        "output tensor alias not found in signature: nothing Outputs "
        "expected to be in the set {difference,total}.",
    )


def test_p12_repeated_output_is_invalid_argument(prediction):
    inputs = {"a": [1.0], "b": [1.0]}
    assert _refuse(prediction, inputs, output_filter=["total", "total"]) == (
        _INVALID,
        "duplicate output tensor alias: total",
    )


def test_p13_answer_holds_only_the_outputs_asked_for(prediction):
    request = build_predict(_TOOLBOX, {"a": [1.0], "b": [1.0]})
    assert set(prediction.Predict(request).outputs) == {"total", "difference"}
    request.output_filter.append("difference")
    assert set(prediction.Predict(request).outputs) == {"difference"}


@pytest.mark.parametrize("dtype", _ARRAYS)
def test_p14_outputs_are_typed_fields(prediction, dtype):
    array = _ARRAYS[dtype]
    response = _predict(prediction, {"x": array}, signature=f"echo_{dtype}")
    proto = response.outputs["y"]
    assert not proto.tensor_content
    assert proto.dtype == types_pb2.DataType.Value(f"DT_{dtype.upper()}")
    np.testing.assert_array_equal(decode_tensor(proto), array)
    fields = {field.name for field, _ in proto.ListFields()}
    assert fields - {"dtype", "tensor_shape", "version_number"} == {
        {
            "float": "float_val",
            "double": "double_val",
            "int64": "int64_val",
            "uint32": "uint32_val",
            "uint64": "uint64_val",
            "bool": "bool_val",
            "string": "string_val",
            "half": "half_val",
            "bfloat16": "half_val",
            "complex64": "scomplex_val",
        }.get(dtype, "int_val")
    }


def test_p15_inputs_may_come_as_tensor_content(prediction):
    request = build_predict(_TOOLBOX, {"a": [1.0, 2.0], "b": [3.0, 4.0]})
    typed = prediction.Predict(request)
    proto = request.inputs["b"]
    proto.ClearField("float_val")
    proto.tensor_content = np.array([3.0, 4.0], np.float32).tobytes()
    assert prediction.Predict(request) == typed


def test_p15_one_value_fills_the_shape(prediction):
    request = build_predict(_TOOLBOX, {"a": [1.0, 2.0, 3.0], "b": [5.0]})
    request.inputs["b"].tensor_shape.dim[0].size = 3
    total = prediction.Predict(request).outputs["total"]
    assert decode_tensor(total).tolist() == [6.0, 7.0, 8.0]


def test_numbers_that_are_none_pass(prediction):
    response = _predict(
        prediction, {"a": [1.0, -1.0, 0.0]}, signature="nothing_finite"
    )
    found = decode_tensor(response.outputs["y"])
    np.testing.assert_array_equal(found, [np.inf, -np.inf, np.nan])
