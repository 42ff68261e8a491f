import pytest

from serving.model_server.rest.example_body import read_examples
from serving.model_server.rest.json_document import parse_object
from serving.model_server.serving_error import ServingError


def _refusal(text: str) -> str:
    with pytest.raises(ServingError) as caught:
        read_examples(parse_object(text.encode()))
    assert caught.value.code.name == "INVALID_ARGUMENT"
    return caught.value.message


def _read_feature(text: str):
    document = parse_object(f'{{"examples": [{{"f": {text}}}]}}'.encode())
    (example,) = read_examples(document).example_list.examples
    return example.features.feature["f"]


def test_numbers_strings_and_booleans_have_their_kinds():
    assert _read_feature("[1, true]").int64_list.value == [1, 1]
    assert _read_feature("[0.5, 1.5]").float_list.value == [0.5, 1.5]
    assert _read_feature('["a", {"b64": "/w"}]').bytes_list.value == (
        [b"a", b"\xff"]
    )
    assert _read_feature("7").int64_list.value == [7]
    assert _read_feature("[]").WhichOneof("kind") is None


def test_integers_beyond_uint64_are_floats():
    assert _read_feature("36893488147419103232").float_list.value == [2.0**65]


def test_context_is_kept_apart():
    document = {"context": {"c": 1}, "examples": [{"x": 2}, {"x": 3}]}
    read = read_examples(document).example_list_with_context
    assert read.context.features.feature["c"].int64_list.value == [1]
    assert len(read.examples) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[1.5, "a"]', "in feature: f expecting type: float"),
        ('["a", 1]', "in feature: f expecting type: bytes"),
        (
            '{"a": 1}',
            "Feature: f has element with unexpected JSON type: Object",
        ),
        (
            "9223372036854775808",
            "Feature: f has uint64 element. Only int64 is ",
        ),
        ('{"b64": "@"}', "Unable to base64 decode"),
        ("9" * 400, "Number too big to be stored in double."),
    ],
)
def test_value_that_is_no_feature_is_refused(text, message):
    assert message in _refusal(f'{{"examples": [{{"f": {text}}}]}}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "key 'examples' is expected and was not found"),
        ('{"examples": 1}', "Expecting 'examples' value to be an list/array"),
        ('{"examples": []}', "'examples' value is an empty array"),
        (
            '{"examples": [1]}',
            "Example must be JSON object but got JSON Number",
        ),
        ('{"examples": [{}], "context": []}', "but got JSON Array"),
    ],
)
def test_examples_must_be_a_list_of_objects(text, message):
    assert message in _refusal(text)
