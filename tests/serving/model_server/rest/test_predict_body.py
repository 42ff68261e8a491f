import pytest

from serving.model_server.rest.json_document import parse_object
from serving.model_server.rest.predict_body import read_columns
from serving.model_server.rest.predict_body import read_rows
from serving.model_server.rest.predict_body import read_signature_name
from serving.model_server.serving_error import ServingError
from serving.protos import meta_graph_pb2
from serving.protos import types_pb2
from serving.tensors import decode_tensor

_FLOAT = meta_graph_pb2.TensorInfo(dtype=types_pb2.DT_FLOAT)
_STRING = meta_graph_pb2.TensorInfo(dtype=types_pb2.DT_STRING)
_HALF = meta_graph_pb2.TensorInfo(dtype=types_pb2.DT_HALF)
_ONE = {"a": _FLOAT}


def _read(read, text: str, inputs: dict) -> dict:
    tensors = read(parse_object(text.encode()), inputs)
    return {name: decode_tensor(t).tolist() for name, t in tensors.items()}


def _refusal(function, *arguments) -> str:
    with pytest.raises(ServingError) as caught:
        function(*arguments)
    assert caught.value.code.name == "INVALID_ARGUMENT"
    return caught.value.message


def _rows_refusal(text: str, inputs: dict) -> str:
    return _refusal(_read, read_rows, f'{{"instances": {text}}}', inputs)


def test_name_of_a_signature_that_is_no_text_is_replaced():
    assert read_signature_name({"signature_name": "\udcff"}) == "?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[1, 2], [3, 4]]", [[1.0, 2.0], [3.0, 4.0]]),
        ("[[], []]", [[], []]),
    ],
)
def test_rows_of_one_input_may_be_plain(text, expected):
    assert _read(read_rows, f'{{"instances": {text}}}', _ONE) == {"a": expected}


def test_rows_may_be_base64_objects():
    text = '{"instances": [{"b64": "QQ=="}, "b"]}'
    assert _read(read_rows, text, {"t": _STRING}) == {"t": [b"A", b"b"]}


_ELEMENT = "Failed to process element: "
_TYPE = "JSON Value: true Type: True is not of expected type: float"


@pytest.mark.parametrize(
    ("text", "inputs", "message"),
    [
        (
            "[1, true]",
            _ONE,
            f"{_ELEMENT}1 of 'instances' list. Error: INVALID_ARGUMENT: "
            + _TYPE,
        ),
        (
            "[[1, 2], [3]]",
            _ONE,
            f"{_ELEMENT}1 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting tensor size: 2 but got: 1",
        ),
        (
            "[[1, 2], [[3, 4]]]",
            _ONE,
            f"{_ELEMENT}1 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting shape [2] but got: [1,2]",
        ),
        (
            "[1, {}]",
            _ONE,
            "Expecting value/list but got object at item 1 of input list",
        ),
        (
            '[{"a": 1}, 2]',
            _ONE,
            "Expecting object but got list at item 1 of input list",
        ),
        (
            "[1]",
            {"a": _HALF},
            f"{_ELEMENT}0 of 'instances' list. Error: UNIMPLEMENTED: "
            "Conversion of JSON Value: 1 to type: half",
        ),
    ],
)
def test_bad_row_of_one_input_is_named_with_its_fault(text, inputs, message):
    assert _rows_refusal(text, inputs) == message


@pytest.mark.parametrize("text", ["[1]", '{"a": [1]}'])
def test_one_input_may_come_bare(text):
    assert _read(read_columns, f'{{"inputs": {text}}}', _ONE) == {"a": [1.0]}


def test_bare_base64_object_is_a_value():
    text = '{"inputs": {"b64": "QQ"}}'
    assert _read(read_columns, text, {"t": _STRING}) == {"t": b"A"}
