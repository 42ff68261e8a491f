"""One JSON value to one tensor, by the dtype of the signature's input.

Source: tensorflow_serving/util/json_tensor.cc (SERVING rules R-25 to R-27).
"""

import base64
import binascii
import math
from typing import Any

import grpc

from serving.model_server.rest.json_document import InfinityToken
from serving.model_server.rest.json_document import describe
from serving.model_server.rest.json_document import encode_text
from serving.model_server.rest.json_document import name_type
from serving.model_server.rest.json_document import refuse
from serving.model_server.rest.json_document import too_big
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import tensor_pb2
from serving.protos import types_pb2

_BASE64_KEY = "b64"
_WHITESPACE = str.maketrans("", "", " \t\n\r\v\f")
_INFINITIES = (math.inf, -math.inf)

_FLOATS = {types_pb2.DT_FLOAT: "float_val", types_pb2.DT_DOUBLE: "double_val"}
_INT32 = (-(1 << 31), (1 << 31) - 1)
# DataType: (field, smallest, largest). As in TF Serving, small integers are
# held to int32 here; their own range is checked when the tensor is read.
_INTEGERS = {
    types_pb2.DT_INT8: ("int_val", *_INT32),
    types_pb2.DT_INT16: ("int_val", *_INT32),
    types_pb2.DT_INT32: ("int_val", *_INT32),
    types_pb2.DT_UINT8: ("int_val", *_INT32),
    types_pb2.DT_INT64: ("int64_val", -(1 << 63), (1 << 63) - 1),
    types_pb2.DT_UINT32: ("uint32_val", 0, (1 << 32) - 1),
    types_pb2.DT_UINT64: ("uint64_val", 0, (1 << 64) - 1),
}


def name_dtype(dtype: int) -> str:
    """Names a DataType as TensorFlow's C++ does: "float", not "DT_FLOAT"."""
    return types_pb2.DataType.Name(dtype).removeprefix("DT_").lower()


def is_base64_object(value: Any) -> bool:
    """Tells whether a value is `{"b64": "<text>"}` and nothing else."""
    return (
        type(value) is dict
        and len(value) == 1
        and type(value.get(_BASE64_KEY)) is str
    )


def decode_base64_object(value: Any) -> bytes:
    """Returns the bytes that `{"b64": "<text>"}` stands for.

    Raises:
        ServingError: it is another object, or the text is no base64.
    """
    if not is_base64_object(value):
        raise refuse(value, "not formatted correctly for base64 data")
    text = value[_BASE64_KEY].translate(_WHITESPACE)
    if "=" not in text:  # padding may be left out
        text += "=" * (-len(text) % 4)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_argument("Unable to base64 decode") from error


def measure_shape(value: Any) -> list[int]:
    """Returns the shape a dense value would have, by its first elements."""
    shape = []
    while type(value) is list:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return shape


def build_tensor(value: Any, dtype: int) -> tensor_pb2.TensorProto:
    """Packs a value, or a list nested to any depth, into typed fields.

    Args:
        value: parsed JSON.
        dtype: a DataType.

    Raises:
        ServingError: lists are ragged, a value does not fit the dtype, or
            JSON cannot express that dtype (`UNIMPLEMENTED`).
    """
    shape = measure_shape(value)
    values = _flatten(value, shape)
    tensor = tensor_pb2.TensorProto(dtype=dtype)
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    if dtype in _FLOATS:
        _check_floats(values, dtype)
        try:
            getattr(tensor, _FLOATS[dtype]).extend(values)
        except OverflowError as error:
            raise too_big() from error
    elif dtype in _INTEGERS:
        field = _INTEGERS[dtype][0]
        _check_integers(values, dtype)
        getattr(tensor, field).extend(values)
    elif dtype == types_pb2.DT_STRING:
        tensor.string_val.extend([_read_string(each) for each in values])
    elif dtype == types_pb2.DT_BOOL:
        _check_types(values, dtype, {bool})
        tensor.bool_val.extend(values)
    elif values:
        raise ServingError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"Conversion of JSON Value: {describe(values[0])} to type: "
            f"{name_dtype(dtype)}",
        )
    return tensor


def _flatten(value: Any, shape: list[int]) -> list:
    """Lists the leaves; every list of a level must have the level's size."""
    rank = len(shape)
    values = [value]
    for level, size in enumerate(shape):
        below = []
        for each in values:
            if type(each) is not list:
                raise refuse(
                    each,
                    f"found at incorrect level: {level + 1} in the JSON DOM. "
                    f"Expected at level: {rank}",
                )
            if len(each) != size:
                raise invalid_argument(
                    f"Encountered list at unexpected size: {len(each)} at "
                    f"level: {level} expected size: {size}"
                )
            below.extend(each)
        values = below
    if list in map(type, values):
        raise invalid_argument(
            f"Encountered list at unexpected level: {rank} expected < {rank}"
        )
    return values


def _check_types(values: list, dtype: int, allowed: set[type]) -> None:
    if set(map(type, values)) <= allowed:
        return
    for each in values:
        if type(each) not in allowed:
            raise _wrong_type(each, dtype)


def _check_floats(values: list, dtype: int) -> None:
    _check_types(values, dtype, {int, float, InfinityToken})
    if any(infinity in values for infinity in _INFINITIES):
        for each in values:
            if each in _INFINITIES and type(each) is not InfinityToken:
                raise too_big()


def _check_integers(values: list, dtype: int) -> None:
    _check_types(values, dtype, {int})
    _, smallest, largest = _INTEGERS[dtype]
    if values and (min(values) < smallest or max(values) > largest):
        for each in values:
            if not smallest <= each <= largest:
                raise _wrong_type(each, dtype)


def _read_string(value: Any) -> bytes:
    if type(value) is str:
        return encode_text(value)
    if type(value) is dict:
        return decode_base64_object(value)
    raise _wrong_type(value, types_pb2.DT_STRING)


def _wrong_type(value: Any, dtype: int) -> ServingError:
    return refuse(
        value,
        f"Type: {name_type(value)} is not of expected type: "
        f"{name_dtype(dtype)}",
    )
