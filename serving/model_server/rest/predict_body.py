"""The JSON body of `:predict`, row by row or column by column.

Rows: `{"instances": [...]}`, one element per example; columns:
`{"inputs": ...}`, one whole tensor per input.

Source: tensorflow_serving/util/json_tensor.cc (SERVING rules R-21 to R-24).
"""

import math
from collections.abc import Mapping
from typing import Any

from serving.model_server.rest.json_document import describe
from serving.model_server.rest.json_document import refuse
from serving.model_server.rest.json_tensors import build_tensor
from serving.model_server.rest.json_tensors import is_base64_object
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import meta_graph_pb2
from serving.protos import tensor_pb2

_INSTANCES = "instances"
_INPUTS = "inputs"
_SIGNATURE_NAME = "signature_name"
_SEVERAL_INPUTS = "multiple input tensors required as per tensorinfo_map"

_Inputs = Mapping[str, meta_graph_pb2.TensorInfo]
_Tensors = dict[str, tensor_pb2.TensorProto]


def read_signature_name(document: Mapping[str, Any]) -> str:
    """Returns the signature a body names, "" where it names none.

    Raises:
        ServingError: the name is no string.
    """
    name = document.get(_SIGNATURE_NAME, "")
    if type(name) is not str:
        raise refuse(
            document,
            "not formatted correctly. 'signature_name' key must be a string "
            "value.",
        )
    # Bytes that are no UTF-8 name no signature, but must not break the reply.
    return name.encode("utf-8", "replace").decode("utf-8")


def is_row_form(document: Mapping[str, Any]) -> bool:
    """Tells whether a body holds rows; False = columns.

    Raises:
        ServingError: it holds neither or both, or no list of rows.
    """
    if _INSTANCES not in document:
        if _INPUTS in document:
            return False
        raise invalid_argument("Missing 'inputs' or 'instances' key")
    if _INPUTS in document:
        raise refuse(
            document,
            "Not formatted correctly expecting only one of 'inputs' or "
            "'instances' keys to exist ",
        )
    if type(document[_INSTANCES]) is not list:
        raise refuse(document, "Expecting 'instances' to be an list/array")
    if not document[_INSTANCES]:
        raise refuse(document, "No values in 'instances' array")
    return True


def read_columns(document: Mapping[str, Any], inputs: _Inputs) -> _Tensors:
    """Builds the inputs of a body with columns.

    Args:
        document: the body.
        inputs: the signature's inputs, at least one.

    Raises:
        ServingError: an input is missing or does not fit.
    """
    value = document[_INPUTS]
    if type(value) is not dict or is_base64_object(value):
        if len(inputs) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as "
                + _SEVERAL_INPUTS
            )
        ((name, info),) = inputs.items()
        return {name: build_tensor(value, info.dtype)}
    tensors = {}
    for name in sorted(inputs):
        if name not in value:
            raise invalid_argument(
                f"Missing named input: {name} in 'inputs' object."
            )
        tensors[name] = build_tensor(value[name], inputs[name].dtype)
    return tensors


def read_rows(document: Mapping[str, Any], inputs: _Inputs) -> _Tensors:
    """Builds the inputs of a body with rows; axis 0 counts the rows.

    Args:
        document: the body, with at least one row.
        inputs: the signature's inputs, at least one.

    Raises:
        ServingError: a row does not fit the signature or the first row; the
            message says which.
    """
    rows = document[_INSTANCES]
    if type(rows[0]) is not dict and len(inputs) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as "
            + _SEVERAL_INPUTS
        )
    # All rows at once is fast; a failure is looked for row by row.
    try:
        if not _is_object(rows[0]):
            name = min(inputs)
            return {name: build_tensor(rows, inputs[name].dtype)}
        if all(_is_object(row) and row.keys() == set(inputs) for row in rows):
            return {
                name: build_tensor([row[name] for row in rows], info.dtype)
                for name, info in inputs.items()
            }
    except ServingError as error:
        _find_bad_row(rows, inputs)
        raise error
    _find_bad_row(rows, inputs)
    raise refuse(document, "has rows that do not fit each other")


def _find_bad_row(rows: list, inputs: _Inputs) -> None:
    """Raises what TF Serving says of the first row that does not fit."""
    has_objects = _is_object(rows[0])
    first: _Tensors = {}
    for number, row in enumerate(rows):
        if has_objects != _is_object(row):
            raise invalid_argument(
                f"Expecting object but got list at item {number} of input list"
                if has_objects
                else f"Expecting value/list but got object at item {number} "
                "of input list"
            )
        if not has_objects:
            _check_row(number, "", row, min(inputs), inputs, first)
            continue
        for name, value in row.items():
            _check_row(number, f" key: {name}", value, name, inputs, first)
        if row.keys() != set(inputs):
            raise invalid_argument(
                f"Failed to process element: {number} of 'instances' list. "
                f"JSON object: {describe(row)} keys must be equal to: "
                f"{','.join(sorted(inputs))}"
            )


def _check_row(
    number: int,
    key: str,
    value: Any,
    name: str,
    inputs: _Inputs,
    first: _Tensors,
) -> None:
    try:
        if name not in inputs:
            raise invalid_argument(
                f"JSON object: does not have named input: {name}"
            )
        tensor = build_tensor(value, inputs[name].dtype)
        _compare(tensor, first.setdefault(name, tensor))
    except ServingError as error:
        raise invalid_argument(
            f"Failed to process element: {number}{key} of 'instances' list. "
            f"Error: {error.code.name}: {error.message}"
        ) from error


def _compare(
    tensor: tensor_pb2.TensorProto, first: tensor_pb2.TensorProto
) -> None:
    given = [dim.size for dim in tensor.tensor_shape.dim]
    wanted = [dim.size for dim in first.tensor_shape.dim]
    if math.prod(given) != math.prod(wanted):
        raise invalid_argument(
            f"Expecting tensor size: {math.prod(wanted)} but got: "
            f"{math.prod(given)}"
        )
    if given != wanted:
        raise invalid_argument(
            f"Expecting shape {_write(wanted)} but got: {_write(given)}"
        )


def _write(shape: list[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _is_object(value: Any) -> bool:
    return type(value) is dict and not is_base64_object(value)
