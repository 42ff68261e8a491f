"""numpy arrays to and from TensorProto, without TensorFlow.

Arrays go out as typed repeated fields (`float_val`, `string_val`, ...), as
TF Serving sends them: a client in another language that reads `float_val`
finds its numbers. Both typed fields and `tensor_content` are read.

Source: tensorflow/core/framework/tensor.proto and tensor.cc (`FromProto`).
"""

import math

import numpy as np

try:
    import ml_dtypes
except ImportError:  # comes with TensorFlow only
    ml_dtypes = None

from serving.protos import tensor_pb2
from serving.protos import types_pb2

# DataType: (numpy dtype, field that holds its values).
_NUMBERS = {
    types_pb2.DT_FLOAT: (np.dtype(np.float32), "float_val"),
    types_pb2.DT_DOUBLE: (np.dtype(np.float64), "double_val"),
    types_pb2.DT_INT8: (np.dtype(np.int8), "int_val"),
    types_pb2.DT_INT16: (np.dtype(np.int16), "int_val"),
    types_pb2.DT_INT32: (np.dtype(np.int32), "int_val"),
    types_pb2.DT_INT64: (np.dtype(np.int64), "int64_val"),
    types_pb2.DT_UINT8: (np.dtype(np.uint8), "int_val"),
    types_pb2.DT_UINT16: (np.dtype(np.uint16), "int_val"),
    types_pb2.DT_UINT32: (np.dtype(np.uint32), "uint32_val"),
    types_pb2.DT_UINT64: (np.dtype(np.uint64), "uint64_val"),
    types_pb2.DT_BOOL: (np.dtype(np.bool_), "bool_val"),
}
_DATA_TYPES = {dtype: code for code, (dtype, _) in _NUMBERS.items()}
_OBJECT = np.dtype(object)

# DataType: (numpy dtype, field, what the field holds of it).
_PARTS = {
    types_pb2.DT_HALF: (np.dtype(np.float16), "half_val", np.uint16),
    types_pb2.DT_COMPLEX64: (
        np.dtype(np.complex64),
        "scomplex_val",
        np.float32,
    ),
    types_pb2.DT_COMPLEX128: (
        np.dtype(np.complex128),
        "dcomplex_val",
        np.float64,
    ),
}
if ml_dtypes is not None:
    _PARTS[types_pb2.DT_BFLOAT16] = (
        np.dtype(ml_dtypes.bfloat16),
        "half_val",
        np.uint16,
    )
_PART_TYPES = {dtype: code for code, (dtype, _, _) in _PARTS.items()}

# A shape may promise more elements than the message carries (one value fills
# the rest). A few bytes must not make the server allocate without bound.
_MAX_FILLED_ELEMENTS = 1 << 20


def encode_tensor(array: np.ndarray) -> tensor_pb2.TensorProto:
    """Packs an array into typed fields.

    Args:
        array: numbers, booleans, or strings (numpy `S`, `U` or `O` of str
            and bytes; str goes out as UTF-8), any shape.

    Raises:
        ValueError: the dtype has no typed field here.
    """
    array = np.asarray(array)
    proto = tensor_pb2.TensorProto()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if array.dtype.kind in "SUO":
        proto.dtype = types_pb2.DT_STRING
        proto.string_val.extend(
            text.encode() if isinstance(text, str) else text
            for text in array.ravel().tolist()
        )
    elif array.dtype in _PART_TYPES:
        proto.dtype = _PART_TYPES[array.dtype]
        _, field, part = _PARTS[proto.dtype]
        getattr(proto, field).extend(array.ravel().view(part).tolist())
    elif array.dtype in _DATA_TYPES:
        proto.dtype = _DATA_TYPES[array.dtype]
        field = _NUMBERS[proto.dtype][1]
        getattr(proto, field).extend(array.ravel().tolist())
    else:
        raise ValueError(
            "A tensor must hold numbers, booleans or strings. "
            f"Received: dtype={array.dtype}."
        )
    return proto


def encode_tensor_content(array: np.ndarray) -> tensor_pb2.TensorProto:
    """Packs numbers as raw bytes in `tensor_content`, texts as ever.

    Smaller and faster, but only for clients that read that field.

    Raises:
        ValueError: the dtype cannot be packed.
    """
    array = np.asarray(array)
    if array.dtype.kind in "SUO":
        return encode_tensor(array)
    proto = encode_tensor(array[..., np.newaxis][:0])
    del proto.tensor_shape.dim[:]
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_content = np.ascontiguousarray(array).tobytes()
    return proto


def decode_tensor(proto: tensor_pb2.TensorProto) -> np.ndarray:
    """Unpacks a tensor; strings come as an object array of bytes.

    Missing values repeat the last one given, and are 0 or "" where none is;
    surplus values are ignored. So does TensorFlow.

    Raises:
        ValueError: shape, content and dtype do not fit together.
    """
    shape = _read_shape(proto)
    data_type = proto.dtype
    content = proto.tensor_content
    if data_type == types_pb2.DT_STRING:
        if content:
            raise ValueError("Strings must come in `string_val`.")
        return _fill(proto.string_val, _OBJECT, b"", shape)
    if data_type in _NUMBERS:
        dtype, field = _NUMBERS[data_type]
        if not content:
            return _fill(getattr(proto, field), dtype, 0, shape)
    elif data_type in _PARTS:
        dtype = _PARTS[data_type][0]
        if not content:
            return _fill(_join_parts(proto), dtype, 0, shape)
    else:
        raise ValueError(f"Unknown dtype. Received: {data_type}.")
    size = math.prod(shape) * dtype.itemsize
    if len(content) != size:
        raise ValueError(
            f"`tensor_content` must hold {size} bytes. "
            f"Received: {len(content)}."
        )
    return np.frombuffer(content, dtype).reshape(shape).copy()


def _join_parts(proto: tensor_pb2.TensorProto) -> np.ndarray:
    dtype, field, part = _PARTS[proto.dtype]
    try:
        return np.array(getattr(proto, field), part).view(dtype)
    except OverflowError as error:
        raise ValueError(f"A value does not fit {dtype}.") from error


def _read_shape(proto: tensor_pb2.TensorProto) -> list[int]:
    given = proto.tensor_shape
    shape = [dim.size for dim in given.dim]
    if given.unknown_rank or (shape and min(shape) < 0):
        raise ValueError(f"The shape must be known. Received: {tuple(shape)}.")
    return shape


def _fill(values, dtype: np.dtype, default, shape) -> np.ndarray:
    count = math.prod(shape)
    given = len(values)
    if count > max(given, _MAX_FILLED_ELEMENTS):
        raise ValueError(
            f"A tensor of {count} elements must carry them. Received: {given}."
        )
    array = np.empty(count, dtype)
    used = min(given, count)
    try:
        array[:used] = values[:used]
    except OverflowError as error:
        raise ValueError(f"A value does not fit {dtype}.") from error
    if used < count:
        array[used:] = values[-1] if given else default
    return array.reshape(shape)
