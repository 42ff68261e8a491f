"""The JSON body of `:classify` and `:regress`: examples as flat objects.

Source: tensorflow_serving/util/json_tensor.cc (SERVING rule R-30).
"""

from collections.abc import Mapping
from typing import Any

from serving.model_server.rest.json_document import encode_text
from serving.model_server.rest.json_document import name_type
from serving.model_server.rest.json_document import refuse
from serving.model_server.rest.json_document import too_big
from serving.model_server.rest.json_tensors import decode_base64_object
from serving.model_server.rest.json_tensors import is_base64_object
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import example_pb2
from serving.protos import feature_pb2
from serving.protos import input_pb2

_EXAMPLES = "examples"
_CONTEXT = "context"
_MAX_INT64 = (1 << 63) - 1
_MAX_UINT64 = (1 << 64) - 1
_KIND_NAMES = {
    "bytes_list": "bytes",
    "float_list": "float",
    "int64_list": "int64",
}


def read_examples(document: Mapping[str, Any]) -> input_pb2.Input:
    """Builds the input of a body with examples and maybe a context.

    Args:
        document: the body.

    Raises:
        ServingError: there are no examples, or a value cannot be a feature.
    """
    result = input_pb2.Input()
    target = result.example_list
    if _CONTEXT in document:
        target = result.example_list_with_context
        target.context.CopyFrom(_build_example(document[_CONTEXT]))
    if _EXAMPLES not in document:
        raise refuse(
            document,
            "When method is classify, key 'examples' is expected and was not "
            "found",
        )
    examples = document[_EXAMPLES]
    if type(examples) is not list:
        raise refuse(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise refuse(document, "'examples' value is an empty array")
    target.examples.extend(map(_build_example, examples))
    return result


def _build_example(value: Any) -> example_pb2.Example:
    if type(value) is not dict:
        raise invalid_argument(
            f"Example must be JSON object but got JSON {name_type(value)}"
        )
    example = example_pb2.Example()
    for name, content in value.items():
        values = content if type(content) is list else [content]
        key = encode_text(name).decode("utf-8", "replace")
        feature = example.features.feature[key]
        for each in values:
            _add_value(feature, name, each)
    return example


def _add_value(feature: feature_pb2.Feature, name: str, value: Any) -> None:
    if isinstance(value, bool):
        _choose(feature, "int64_list", name).append(int(value))
    elif isinstance(value, str):
        _choose(feature, "bytes_list", name).append(encode_text(value))
    elif is_base64_object(value):
        _choose(feature, "bytes_list", name).append(decode_base64_object(value))
    elif isinstance(value, int) and -_MAX_INT64 - 1 <= value <= _MAX_UINT64:
        values = _choose(feature, "int64_list", name)
        if value > _MAX_INT64:
            raise invalid_argument(
                f"Feature: {name} has uint64 element. Only int64 is supported."
            )
        values.append(value)
    elif isinstance(value, float | int):
        try:
            _choose(feature, "float_list", name).append(float(value))
        except OverflowError as error:
            raise too_big() from error
    else:
        raise invalid_argument(
            f"Feature: {name} has element with unexpected JSON type: "
            f"{name_type(value)}"
        )


def _choose(feature: feature_pb2.Feature, kind: str, name: str):
    """Returns the list that holds values of a kind; a feature has one kind."""
    present = feature.WhichOneof("kind")
    if present not in {None, kind}:
        raise _mixed_kinds(name, present)
    return getattr(feature, kind).value


def _mixed_kinds(name: str, present: str) -> ServingError:
    return invalid_argument(
        f"Unexpected element type in feature: {name} expecting type: "
        f"{_KIND_NAMES[present]}"
    )
