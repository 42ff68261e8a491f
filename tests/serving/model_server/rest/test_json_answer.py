import json
import math

import numpy as np
import pytest

from serving.model_server.rest.json_answer import check_writable
from serving.model_server.rest.json_answer import write_classifications
from serving.model_server.rest.json_answer import write_columns
from serving.model_server.rest.json_answer import write_regressions
from serving.model_server.rest.json_answer import write_rows
from serving.model_server.serving_error import ServingError
from serving.protos import meta_graph_pb2
from serving.protos import types_pb2
from serving.tensors import encode_tensor


def _encode(**arrays) -> dict:
    return {name: encode_tensor(array) for name, array in arrays.items()}


def _refusal(function, *arguments) -> str:
    with pytest.raises(ServingError) as caught:
        function(*arguments)
    assert caught.value.code.name == "INVALID_ARGUMENT"
    return caught.value.message


def test_r28_rows_of_one_output_are_bare():
    body = write_rows(_encode(y=np.int32([[1, 2], [3, 4]])))
    assert json.loads(body) == {"predictions": [[1, 2], [3, 4]]}


def test_r28_rows_of_several_outputs_are_objects():
    body = write_rows(_encode(y=np.int64([1, 2]), a=np.array([True, False])))
    assert json.loads(body) == {
        "predictions": [{"a": True, "y": 1}, {"a": False, "y": 2}]
    }


def test_r28_scalar_output_has_no_rows():
    assert _refusal(write_rows, _encode(y=np.float32(1))) == (
        "Tensor name: y has no shape information "
    )


def test_r28_outputs_must_agree_in_rows():
    outputs = _encode(a=np.zeros(2), b=np.zeros(3))
    assert _refusal(write_rows, outputs) == (
        "Tensor name: b has inconsistent batch size: 3 expecting: 2"
    )


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (2, 0, 3), (1, 2, 3)])
def test_r28_rows_keep_any_shape(shape):
    expected = np.zeros(shape).tolist()
    body = write_rows(_encode(y=np.zeros(shape)))
    assert json.loads(body)["predictions"] == expected


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 2, 3)])
def test_r29_columns_keep_any_shape(shape):
    expected = np.zeros(shape).tolist()
    body = write_columns(_encode(y=np.zeros(shape)))
    assert json.loads(body)["outputs"] == expected


def test_r29_columns_of_several_outputs_are_an_object():
    body = write_columns(_encode(y=np.int64(5), a=np.array(["x", "y"])))
    assert json.loads(body) == {"outputs": {"a": ["x", "y"], "y": 5}}


def test_r29_floats_are_as_short_as_their_width_allows():
    body = write_columns(_encode(y=np.float32([0.1, 1, 2.5e7, 1e-30])))
    assert b"[0.1, 1.0, 2.5e+07, 1e-30]" in body
    # 0.1 of float32 is another number than 0.1 of float64.
    body = write_columns(_encode(y=np.float64([0.1, np.float32(0.1)])))
    assert b"[0.1, 0.10000000149011612]" in body


def test_r29_every_float_has_a_decimal_part_or_an_exponent():
    values = np.float32([3, 9e6, 1e16, 3.4e38, -0.0])
    texts = write_columns(_encode(y=values)).decode().split("[")[1]
    for text, value in zip(
        texts.split("]")[0].split(", "), values, strict=True
    ):
        assert set(text) & {".", "e"}
        assert np.float32(text) == value


def test_r29_nan_and_infinity_are_bare_words():
    body = write_columns(_encode(y=np.float32([np.nan, np.inf, -np.inf])))
    assert b"[NaN, Infinity, -Infinity]" in body
    assert math.isnan(json.loads(body)["outputs"][0])


def test_r29_outputs_named_bytes_are_base64():
    body = write_rows(_encode(a_bytes=np.array([b"\xff\x00"], object)))
    assert json.loads(body) == {"predictions": [{"b64": "/wA="}]}


def test_r29_other_strings_are_raw_bytes():
    text = np.array([b'\xff"\n', "é".encode()], object)
    body = write_rows(_encode(y=text))
    assert b'["\xff\\"\\n", "\xc3\xa9"]' in body


@pytest.mark.parametrize("dtype", ["half", "bfloat16", "complex64", "uint16"])
def test_r29_dtypes_that_json_cannot_hold_are_refused(dtype):
    code = types_pb2.DataType.Value(f"DT_{dtype.upper()}")
    outputs = {"y": meta_graph_pb2.TensorInfo(dtype=code)}
    assert _refusal(check_writable, outputs) == (
        f"Failed to write JSON value for tensor type: {dtype}"
    )


def test_r30_classifications_are_pairs_of_label_and_score():
    body = write_classifications([[("a", 0.5), ("b", 1.0)], [("", 0.1)]])
    assert json.loads(body) == {
        "results": [[["a", 0.5], ["b", 1.0]], [["", 0.1]]]
    }


def test_r30_regressions_are_numbers():
    assert b"[0.1, 2.0]" in write_regressions([0.1, 2.0])


def test_r30_nothing_cannot_be_written():
    assert "empty Classification" in _refusal(write_classifications, [])
    assert "empty Regression" in _refusal(write_regressions, [])
