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
        ("[[1, 2.5], [3, 4]]", "float", np.float32([[1, 2.5], [3, 4]])),
        ("[0.1]", "float", np.float32([0.1])),  # narrowed, R-27
        ("0.1", "double", np.float64(0.1)),
        ("[1e39]", "float", np.float32([np.inf])),
        ("[Infinity, 5]", "float", np.float32([np.inf, 5])),
        ("[-128, 127]", "int8", np.int8([-128, 127])),
        ("[1]", "int16", np.int16([1])),
        ("[2147483647]", "int32", np.int32([2**31 - 1])),
        ("[9223372036854775807]", "int64", np.int64([2**63 - 1])),
        ("[255]", "uint8", np.uint8([255])),
        ("[4294967295]", "uint32", np.uint32([2**32 - 1])),
        ("[18446744073709551615]", "uint64", np.uint64([2**64 - 1])),
        ("[true, false]", "bool", np.array([True, False])),
        ("[]", "int32", np.zeros([0], np.int32)),
        ("[[], []]", "float", np.zeros([2, 0], np.float32)),
    ],
)
def test_r26_values_of_every_dtype(text, name, expected):
    built = _build(text, name)
    np.testing.assert_array_equal(built, expected)
    assert built.dtype == expected.dtype


def test_r25_strings_and_base64_objects_are_bytes():
    assert _build(
        '["é", {"b64": "/wA="}, {"b64": "/w"}]', "string"
    ).tolist() == (["é".encode(), b"\xff\x00", b"\xff"])


@pytest.mark.parametrize(
    ("text", "name", "value", "kind"),
    [
        ("1.0", "int32", "1.0", "Number"),
        ("2147483648", "int32", "2147483648", "Number"),
        ("-1", "uint32", "-1", "Number"),
        ("9223372036854775808", "int64", "9223372036854775808", "Number"),
        ("18446744073709551616", "uint64", "18446744073709551616", "Number"),
        ('"1"', "float", '"1"', "String"),
        ("true", "float", "true", "True"),
        ("true", "int64", "true", "True"),
        ("1", "bool", "1", "Number"),
        ("null", "float", "null", "Null"),
        ("5", "string", "5", "Number"),
        ("{}", "float", "{}", "Object"),
    ],
)
def test_r26_value_of_another_type_is_refused(text, name, value, kind):
    assert _refusal(f"[{text}]", name) == (
        f"JSON Value: {value} Type: {kind} is not of expected type: {name}"
    )


def test_r26_number_beyond_double_is_refused():
    for text in ("1e999", "-1e999", "9" * 400):
        assert _refusal(f"[1, {text}]", "double") == (
            "JSON Parse error: Number too big to be stored in double."
        )


@pytest.mark.parametrize("name", ["half", "bfloat16", "complex64"])
def test_r26_dtype_that_json_cannot_express_is_unimplemented(name):
    with pytest.raises(ServingError) as caught:
        _build("[1]", name)
    assert caught.value.code.name == "UNIMPLEMENTED"
    assert caught.value.message == (
        f"Conversion of JSON Value: 1 to type: {name}"
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
def test_r25_ragged_nesting_is_refused(text, message):
    assert message in _refusal(text, "float")


@pytest.mark.parametrize("text", ["@", "A", "QQ=", "Q=Q=", "QQ===", "-_8="])
def test_r25_bad_base64_is_refused(text):
    with pytest.raises(ServingError) as caught:
        decode_base64_object({"b64": text})
    assert caught.value.message == "Unable to base64 decode"


def test_r25_base64_may_hold_blanks_and_lack_padding():
    assert decode_base64_object({"b64": " Q Q\n"}) == b"A"


@pytest.mark.parametrize("value", [{"b64": 1}, {"b64": "", "x": ""}, {"b": ""}])
def test_r25_other_objects_are_no_text(value):
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
