import numpy as np
import pytest

from serving.model_server.rest.json_document import parse_object
from serving.model_server.rest.json_tensors import build_tensor
from serving.model_server.rest.json_tensors import decode_base64_object
from serving.model_server.rest.json_tensors import is_base64_object
from serving.model_server.rest.json_tensors import measure_shape
from serving.model_server.rest.json_tensors import name_dtype
from serving.model_server.serving_error import ServingError
from serving.protos import types_pb2
from serving.tensors import decode_tensor


def _dtype(name: str) -> int:
    return types_pb2.DataType.Value(f"DT_{name.upper()}")


def _build(text: str, name: str) -> np.ndarray:
    value = parse_object(f'{{"v": {text}}}'.encode())["v"]
    return decode_tensor(build_tensor(value, _dtype(name)))


def _refusal(text: str, name: str) -> str:
    with pytest.raises(ServingError) as caught:
        _build(text, name)
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("0.1", "double", np.float64(0.1)),
        ("[1e39]", "float", np.float32([np.inf])),
        ("[Infinity, 5]", "float", np.float32([np.inf, 5])),
        ("[1]", "int16", np.int16([1])),
        ("[9223372036854775807]", "int64", np.int64([2**63 - 1])),
        ("[]", "int32", np.zeros([0], np.int32)),
        ("[[], []]", "float", np.zeros([2, 0], np.float32)),
    ],
)
def test_values_have_the_dtype_that_is_asked_for(text, name, expected):
    built = _build(text, name)
    np.testing.assert_array_equal(built, expected)
    assert built.dtype == expected.dtype


def test_strings_and_base64_objects_are_bytes():
    assert _build(
        '["é", {"b64": "/wA="}, {"b64": "/w"}]', "string"
    ).tolist() == (["é".encode(), b"\xff\x00", b"\xff"])


@pytest.mark.parametrize(
    ("text", "name", "value", "kind"),
    [
        ("-1", "uint32", "-1", "Number"),
        ("9223372036854775808", "int64", "9223372036854775808", "Number"),
        ("18446744073709551616", "uint64", "18446744073709551616", "Number"),
        ('"1"', "float", '"1"', "String"),
        ("true", "int64", "true", "True"),
        ("{}", "float", "{}", "Object"),
    ],
)
def test_value_of_another_type_is_refused(text, name, value, kind):
    assert _refusal(f"[{text}]", name) == (
        f"JSON Value: {value} Type: {kind} is not of expected type: {name}"
    )


def test_number_beyond_double_is_refused():
    for text in ("1e999", "-1e999", "9" * 400):
        assert _refusal(f"[1, {text}]", "double") == (
            "JSON Parse error: Number too big to be stored in double."
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[1, 2], [3]]", "list at unexpected size: 1 at level: 1 expected "),
        ("[[1], 2]", "JSON Value: 2 found at incorrect level: 2 in the JSON"),
        ("[1, [2]]", "Encountered list at unexpected level: 1 expected < 1"),
        ("[[1], {}]", "JSON Value: {} found at incorrect level: 2"),
    ],
)
def test_ragged_nesting_is_refused(text, message):
    assert message in _refusal(text, "float")


@pytest.mark.parametrize("text", ["@", "A", "QQ=", "Q=Q=", "QQ===", "-_8="])
def test_bad_base64_is_refused(text):
    with pytest.raises(ServingError) as caught:
        decode_base64_object({"b64": text})
    assert caught.value.message == "Unable to base64 decode"


def test_base64_may_hold_blanks_and_lack_padding():
    assert decode_base64_object({"b64": " Q Q\n"}) == b"A"


@pytest.mark.parametrize("value", [{"b64": 1}, {"b64": "", "x": ""}, {"b": ""}])
def test_other_objects_are_no_text(value):
    assert not is_base64_object(value)
    with pytest.raises(ServingError, match="not formatted correctly for base"):
        build_tensor([value], types_pb2.DT_STRING)


def test_shape_follows_the_first_elements():
    assert measure_shape([[[1], [2]], 3]) == [2, 2, 1]
    assert measure_shape([]) == [0]
    assert measure_shape(5) == []


def test_dtypes_have_their_names_of_cpp():
    assert name_dtype(types_pb2.DT_FLOAT) == "float"
    assert name_dtype(types_pb2.DT_BFLOAT16) == "bfloat16"
