"""Bodies of `:predict`: rules R-20 to R-27."""

import base64

import pytest

from tests.serving.conformance.rest_requests import ask
from tests.serving.conformance.rest_requests import predict
from tests.serving.conformance.rest_requests import refuse

_HALF = "half_plus_two/versions/1"
_TOOLBOX = "toolbox"
_ELEMENT = "Failed to process element: "


def _refuse(rest_url, body, model=_TOOLBOX) -> str:
    status, message = refuse(rest_url, f"{model}:predict", body)
    assert status == 400
    return message


def _echo(rest_url, dtype: str, value):
    body = {"signature_name": f"echo_{dtype}", "inputs": value}
    return predict(rest_url, _TOOLBOX, body)["outputs"]


def test_r20_empty_body(rest_url):
    message = _refuse(rest_url, b"")
    assert message == "JSON Parse error: The document is empty"


@pytest.mark.parametrize(
    "body", [b"{", b'{"instances": [1,]}', b'{"instances": x}', b"'", b"nope"]
)
def test_r20_bad_json_tells_its_offset(rest_url, body):
    message = _refuse(rest_url, body)
    assert message.startswith("JSON Parse error: ")
    assert " at offset: " in message


@pytest.mark.parametrize("body", [b"[]", b"1", b'"a"', b"null"])
def test_r20_top_level_must_be_an_object(rest_url, body):
    assert _refuse(rest_url, body) == (
        f"JSON Value: {body.decode()} Is not object"
    )


def test_r20_text_after_the_first_value_is_ignored(rest_url):
    body = b'{"instances": [1.0]} }}} what is this'
    assert predict(rest_url, _HALF, body) == {"predictions": [2.5]}


def test_r20_nan_and_infinity_are_numbers(rest_url):
    body = b'{"instances": [NaN, Infinity, -Infinity]}'
    answer = ask(rest_url, f"/v1/models/{_HALF}:predict", body)
    values = answer.text.replace(" ", "").replace("\n", "")
    assert values == '{"predictions":[NaN,Infinity,-Infinity]}'


def test_r21_unknown_signature(rest_url):
    body = {"signature_name": "nothing", "instances": "no list"}
    assert _refuse(rest_url, body) == (
        'Serving signature name: "nothing" not found in signature def'
    )


def test_r21_signature_name_must_be_a_string(rest_url):
    message = _refuse(rest_url, {"signature_name": 5})
    assert message.endswith(
        "not formatted correctly. 'signature_name' key must be a string value."
    )


def test_r21_look_up_comes_before_instances(rest_url):
    for body in ({"instances": "no list"}, {"signature_name": "nothing"}):
        assert refuse(rest_url, "nobody:predict", body) == (
            404,
            "Servable not found for request: Latest(nobody)",
        )


def test_r21_json_comes_before_look_up(rest_url):
    status, message = refuse(rest_url, "nobody:predict", b"{")
    assert status == 400
    assert message.startswith("JSON Parse error")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Missing 'inputs' or 'instances' key"),
        (
            {"inputs": [], "instances": []},
            "expecting only one of 'inputs' or 'instances'",
        ),
        ({"instances": 1}, "Expecting 'instances' to be an list/array"),
        ({"instances": []}, "No values in 'instances' array"),
    ],
)
def test_r22_exactly_one_of_instances_and_inputs(rest_url, body, message):
    assert message in _refuse(rest_url, body)


def test_r23_rows_of_one_input_may_be_plain_or_named(rest_url):
    for rows in ([1, 2.0], [{"x": 1}, {"x": 2}]):
        answer = predict(rest_url, _HALF, {"instances": rows})
        assert answer == {"predictions": [2.5, 3.0]}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([1, 2], "instances is a plain list, but expecting list of objects"),
        (
            [{"a": 1, "b": 2}, {"a": 1}],
            f"{_ELEMENT}1 of 'instances' list. JSON object: "
            '{\n    "a": 1\n} keys must be equal to: a,b',
        ),
        (
            [{"a": 1, "b": 2, "c": 3}],
            f"{_ELEMENT}0 key: c of 'instances' list. Error: "
            "INVALID_ARGUMENT: JSON object: does not have named input: c",
        ),
        (
            [{"a": 1, "b": 2}, {"a": [1], "b": 2}],
            f"{_ELEMENT}1 key: a of 'instances' list. Error: "
            "INVALID_ARGUMENT: Expecting shape [] but got: [1]",
        ),
        (
            [{"a": [1, 2], "b": 2}, {"a": [1], "b": 2}],
            f"{_ELEMENT}1 key: a of 'instances' list. Error: "
            "INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1",
        ),
        (
            [{"a": 1, "b": "2"}],
            f"{_ELEMENT}0 key: b of 'instances' list. Error: "
            'INVALID_ARGUMENT: JSON Value: "2" Type: String is not of '
            "expected type: float",
        ),
        (
            [{"a": 1, "b": 2}, [1, 2]],
            "Expecting object but got list at item 1 of input list",
        ),
    ],
)
def test_r23_bad_row_is_named_with_its_fault(rest_url, rows, message):
    assert _refuse(rest_url, {"instances": rows}).startswith(message)


def test_r24_columns_ignore_keys_that_no_input_has(rest_url):
    body = {"inputs": {"a": [1], "b": [2], "c": "?"}}
    outputs = predict(rest_url, _TOOLBOX, body)["outputs"]
    assert outputs == {"total": [3.0], "difference": [-1.0]}


def test_r24_missing_column_is_named(rest_url):
    assert _refuse(rest_url, {"inputs": {"a": [1]}}) == (
        "Missing named input: b in 'inputs' object."
    )


def test_r24_bare_value_is_for_one_input(rest_url):
    assert predict(rest_url, _HALF, {"inputs": [[1, 2]]}) == {
        "outputs": [[2.5, 3.0]]
    }
    message = _refuse(rest_url, {"inputs": [1]})
    assert message.startswith("inputs is a plain value/list, but expecting")


@pytest.mark.parametrize("value", [[[1, 2], [3]], [[1], 2], [1, [2]]])
def test_r25_ragged_nesting_is_an_error(rest_url, value):
    body = {"signature_name": "echo_float", "inputs": value}
    _refuse(rest_url, body)


def test_r25_base64_is_for_strings(rest_url):
    value = {"b64": base64.b64encode(b"abc").decode()}
    assert _echo(rest_url, "string", [value, "é"]) == ["abc", "é"]
    body = {"signature_name": "echo_float", "inputs": [value]}
    assert "is not of expected type: float" in _refuse(rest_url, body)
    body = {"signature_name": "echo_string", "inputs": [{"b64": "@"}]}
    assert _refuse(rest_url, body) == "Unable to base64 decode"


@pytest.mark.parametrize("dtype", ["float", "double"])
def test_r26_floats_take_any_number(rest_url, dtype):
    assert _echo(rest_url, dtype, [1, 2.5, -3e2]) == [1.0, 2.5, -300.0]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("int8", [-128, 127]),
        ("int16", [-32768]),
        ("int32", [2147483647]),
        ("int64", [-9223372036854775808]),
        ("uint8", [255]),
        ("uint32", [4294967295]),
        ("uint64", [18446744073709551615]),
        ("bool", [True, False]),
    ],
)
def test_r26_values_come_back_as_they_went(rest_url, dtype, value):
    assert _echo(rest_url, dtype, value) == value


@pytest.mark.parametrize(
    ("dtype", "text", "kind"),
    [
        ("int32", "1.0", "Number"),
        ("int32", "2147483648", "Number"),
        ("int64", "1.0", "Number"),
        ("int64", '"1"', "String"),
        ("uint64", "-1", "Number"),
        ("bool", "1", "Number"),
        ("float", "true", "True"),
        ("float", "null", "Null"),
        ("string", "1", "Number"),
    ],
)
def test_r26_other_types_are_refused(rest_url, dtype, text, kind):
    body = f'{{"signature_name": "echo_{dtype}", "inputs": [{text}]}}'
    assert _refuse(rest_url, body.encode()) == (
        f"JSON Value: {text} Type: {kind} is not of expected type: {dtype}"
    )


def test_r26_long_values_are_cut_in_errors(rest_url):
    body = {"signature_name": "echo_float", "inputs": ["x" * 10_000]}
    assert len(_refuse(rest_url, body)) < 400


@pytest.mark.parametrize("dtype", ["half", "bfloat16", "complex64"])
def test_r26_half_is_501_by_column_and_400_by_row(rest_url, dtype):
    body = {"signature_name": f"echo_{dtype}", "inputs": [1]}
    status, message = refuse(rest_url, f"{_TOOLBOX}:predict", body)
    assert status == 501
    assert message == f"Conversion of JSON Value: 1 to type: {dtype}"
    body = {"signature_name": f"echo_{dtype}", "instances": [1]}
    assert message in _refuse(rest_url, body)


def test_r27_numbers_are_narrowed_to_float32(rest_url):
    # The float32 nearest to 16777217 is 16777216.
    assert _echo(rest_url, "float", [0.1, 16777217.0]) == [0.1, 16777216.0]
