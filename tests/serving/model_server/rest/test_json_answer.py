import json

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


def test_outputs_must_agree_in_rows():
    outputs = _encode(a=np.zeros(2), b=np.zeros(3))
    assert _refusal(write_rows, outputs) == (
        "Tensor name: b has inconsistent batch size: 3 expecting: 2"
    )


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (2, 0, 3), (1, 2, 3)])
def test_rows_keep_any_shape(shape):
    expected = np.zeros(shape).tolist()
    body = write_rows(_encode(y=np.zeros(shape)))
    assert json.loads(body)["predictions"] == expected


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 2, 3)])
def test_columns_keep_any_shape(shape):
    expected = np.zeros(shape).tolist()
    body = write_columns(_encode(y=np.zeros(shape)))
    assert json.loads(body)["outputs"] == expected


def test_floats_are_as_short_as_their_width_allows():
    body = write_columns(_encode(y=np.float32([0.1, 1, 2.5e7, 1e-30])))
    assert b"[0.1, 1.0, 2.5e+07, 1e-30]" in body
    # 0.1 of float32 is another number than 0.1 of float64.
    body = write_columns(_encode(y=np.float64([0.1, np.float32(0.1)])))
    assert b"[0.1, 0.10000000149011612]" in body


def test_every_float_has_a_decimal_part_or_an_exponent():
    values = np.float32([3, 9e6, 1e16, 3.4e38, -0.0])
    texts = write_columns(_encode(y=values)).decode().split("[")[1]
    for text, value in zip(
        texts.split("]")[0].split(", "), values, strict=True
    ):
        assert set(text) & {".", "e"}
        assert np.float32(text) == value


def test_outputs_named_bytes_are_base64():
    body = write_rows(_encode(a_bytes=np.array([b"\xff\x00"], object)))
    assert json.loads(body) == {"predictions": [{"b64": "/wA="}]}


def test_other_strings_are_raw_bytes():
    text = np.array([b'\xff"\n', "é".encode()], object)
    body = write_rows(_encode(y=text))
    assert b'["\xff\\"\\n", "\xc3\xa9"]' in body


@pytest.mark.parametrize("dtype", ["complex64", "uint16"])
def test_dtypes_that_json_cannot_hold_are_refused(dtype):
    code = types_pb2.DataType.Value(f"DT_{dtype.upper()}")
    outputs = {"y": meta_graph_pb2.TensorInfo(dtype=code)}
    assert _refusal(check_writable, outputs) == (
        f"Failed to write JSON value for tensor type: {dtype}"
    )


def test_nothing_cannot_be_written():
    assert "empty Classification" in _refusal(write_classifications, [])
    assert "empty Regression" in _refusal(write_regressions, [])
