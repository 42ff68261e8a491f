import pytest

from serving.model_server.rest.json_document import describe
from serving.model_server.rest.json_document import encode_text
from serving.model_server.rest.json_document import name_type
from serving.model_server.rest.json_document import parse_object
from serving.model_server.serving_error import ServingError


def _refusal(body: bytes) -> str:
    with pytest.raises(ServingError) as caught:
        parse_object(body)
    assert caught.value.code.name == "INVALID_ARGUMENT"
    return caught.value.message


def test_blanks_alone_are_no_document():
    assert _refusal(b" \n ") == (
        "JSON Parse error: The document is empty. at offset: 3"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{x", "Missing a name for object member. at offset: 1"),
        (b'{"a" 1}', "Missing a colon after a name of object member."),
        (b'{"a": x}', "Invalid value. at offset: 6"),
        (b'{"a": [1 2]}', "Missing a comma or ] after an array element."),
        (b'{"a": "]["; 1}', "Missing a comma or } after an object member."),
        (b'{"a": "b}', "Missing a closing quotation mark in string."),
        (b'{"a": "\\q"}', "Invalid escape character in string."),
        (b'{"a": "\\uzzzz"}', "Incorrect hex digit after \\u escape"),
        (b'{"a": "\n"}', "Invalid encoding in string."),
        (b'{"a": ' + b"9" * 5000 + b"}", "Number too big to be stored"),
        (b"[" * 100_000, "The document is nested too deeply."),
    ],
)
def test_bad_json_is_refused_with_reason_and_offset(body, message):
    assert _refusal(body).startswith(f"JSON Parse error: {message}")


def test_offsets_count_bytes():
    assert _refusal('{"é": x}'.encode()).endswith("at offset: 7")


def test_byte_order_mark_is_skipped():
    assert parse_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_first_of_equal_keys_wins():
    assert parse_object(b'{"a": 1, "b": 2, "a": 3}') == {"a": 1, "b": 2}


def test_bytes_that_are_no_utf8_come_back_as_they_came():
    value = parse_object(b'{"a": "x\xff\xc3\xa9"}')["a"]
    assert encode_text(value) == b"x\xff\xc3\xa9"


def test_half_a_surrogate_pair_is_no_text():
    value = parse_object(rb'{"a": "\ud800"}')["a"]
    with pytest.raises(ServingError, match="surrogate pair in string is inv"):
        encode_text(value)


def test_types_are_named_as_rapidjson_names_them():
    values = [None, True, False, {}, [], "", 1, 1.5]
    assert [name_type(value) for value in values] == (
        ["Null", "True", "False", "Object", "Array", "String"] + ["Number"] * 2
    )


def test_descriptions_are_cut_at_256_bytes():
    assert describe("x" * 1000) == '"' + "x" * 255
    assert len(describe(list(range(10**6)))) == 256
    deep = []
    for _ in range(900):
        deep = [deep]
    assert len(describe(deep)) == 256


def test_description_is_never_cut_within_a_character():
    assert describe("é" * 1000) == '"' + "é" * 127
