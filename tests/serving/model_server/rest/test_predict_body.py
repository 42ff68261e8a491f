import pytest

from serving.model_server.rest.json_document import parse_object
from serving.model_server.rest.predict_body import is_row_form
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
_TWO = {"b": _FLOAT, "a": _FLOAT}


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


def test_r21_signature_name_is_optional():
    assert read_signature_name({}) == ""
    assert read_signature_name({"signature_name": "s"}) == "s"
    assert read_signature_name({"signature_name": "\udcff"}) == "?"


def test_r21_signature_name_must_be_a_string():
    assert _refusal(read_signature_name, {"signature_name": 1}) == (
        'JSON Value: {\n    "signature_name": 1\n} not formatted correctly. '
        "'signature_name' key must be a string value."
    )


def test_r22_exactly_one_of_instances_and_inputs():
    assert is_row_form({"instances": [1]})
    assert not is_row_form({"inputs": 1})
    assert _refusal(is_row_form, {}) == "Missing 'inputs' or 'instances' key"
    message = _refusal(is_row_form, {"instances": [1], "inputs": 1})
    assert "expecting only one of 'inputs' or 'instances' keys" in message


def test_r22_instances_must_be_a_list_with_elements():
    assert _refusal(is_row_form, {"instances": {}}) == (
        'JSON Value: {\n    "instances": {}\n} '
        "Expecting 'instances' to be an list/array"
    )
    assert _refusal(is_row_form, {"instances": []}).endswith(
        "No values in 'instances' array"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2.5]", [1.0, 2.5]),
        ("[[1, 2], [3, 4]]", [[1.0, 2.0], [3.0, 4.0]]),
        ('[{"a": 1}, {"a": 2}]', [1.0, 2.0]),
        ("[[], []]", [[], []]),
    ],
)
def test_r23_rows_of_one_input_may_be_plain(text, expected):
    assert _read(read_rows, f'{{"instances": {text}}}', _ONE) == {"a": expected}


def test_r23_rows_may_be_base64_objects():
    text = '{"instances": [{"b64": "QQ=="}, "b"]}'
    assert _read(read_rows, text, {"t": _STRING}) == {"t": [b"A", b"b"]}


def test_r23_rows_of_several_inputs_are_objects():
    text = '{"instances": [{"a": 1, "b": [5, 6]}, {"b": [7, 8], "a": 2}]}'
    assert _read(read_rows, text, _TWO) == {
        "a": [1.0, 2.0],
        "b": [[5.0, 6.0], [7.0, 8.0]],
    }


def test_r23_plain_rows_of_several_inputs_are_refused():
    assert _rows_refusal("[1, 2]", _TWO).startswith(
        "instances is a plain list, but expecting list of objects"
    )


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
            '[{"a": 1, "b": true}]',
            _TWO,
            f"{_ELEMENT}0 key: b of 'instances' list. Error: "
            f"INVALID_ARGUMENT: {_TYPE}",
        ),
        (
            '[{"a": 1, "b": 1, "c": 1}]',
            _TWO,
            f"{_ELEMENT}0 key: c of 'instances' list. Error: "
            "INVALID_ARGUMENT: JSON object: does not have named input: c",
        ),
        (
            '[{"a": 1, "b": 1}, {"a": 1}]',
            _TWO,
            f"{_ELEMENT}1 of 'instances' list. JSON object: "
            '{\n    "a": 1\n} keys must be equal to: a,b',
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
def test_r23_bad_row_is_named_with_its_fault(text, inputs, message):
    assert _rows_refusal(text, inputs) == message


def test_r24_columns_are_whole_tensors():
    text = '{"inputs": {"a": [1, 2], "b": [[3]], "unknown": true}}'
    assert _read(read_columns, text, _TWO) == {"a": [1.0, 2.0], "b": [[3.0]]}


@pytest.mark.parametrize("text", ["[1]", '{"a": [1]}'])
def test_r24_one_input_may_come_bare(text):
    assert _read(read_columns, f'{{"inputs": {text}}}', _ONE) == {"a": [1.0]}


def test_r24_bare_base64_object_is_a_value():
    text = '{"inputs": {"b64": "QQ"}}'
    assert _read(read_columns, text, {"t": _STRING}) == {"t": b"A"}


def test_r24_missing_input_is_named():
    assert _refusal(_read, read_columns, '{"inputs": {"a": 1}}', _TWO) == (
        "Missing named input: b in 'inputs' object."
    )


def test_r24_bare_value_for_several_inputs_is_refused():
    message = _refusal(_read, read_columns, '{"inputs": [1]}', _TWO)
    assert message.startswith("inputs is a plain value/list, but expecting")
