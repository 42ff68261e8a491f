import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf

from serving.protos import tensor_pb2
from serving.protos import types_pb2
from serving.tensors import decode_tensor
from serving.tensors import encode_tensor
from serving.tensors import encode_tensor_content

_ARRAYS = [
    np.array([[1.5, np.nan]], np.float32),
    np.array([1e300, -2.0], np.float64),
    np.array([1.5, -0.25], np.float16),
    np.array([1.5, -0.25], ml_dtypes.bfloat16),
    np.array([1.5 - 2j], np.complex64),
    np.array([[1e300j]], np.complex128),
    np.array([-1, 127], np.int8),
    np.array([-1, 2**15 - 1], np.int16),
    np.array(-7, np.int32),
    np.array([[2**62], [-3]], np.int64),
    np.array([255], np.uint8),
    np.array([2**16 - 1], np.uint16),
    np.array([2**32 - 1], np.uint32),
    np.array([2**64 - 1], np.uint64),
    np.array([True, False]),
    np.array([b"a", b"\xff\x00", b""], object),
    np.zeros((2, 0), np.float32),
]


@pytest.mark.parametrize("array", _ARRAYS, ids=lambda a: str(a.dtype))
def test_tensorflow_reads_what_is_encoded(array):
    proto = encode_tensor(array)
    np.testing.assert_array_equal(tf.make_ndarray(proto), array)
    assert not proto.tensor_content


@pytest.mark.parametrize("array", _ARRAYS, ids=lambda a: str(a.dtype))
def test_what_tensorflow_encodes_is_read(array):
    decoded = decode_tensor(tf.make_tensor_proto(array))
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == array.dtype


def test_text_goes_out_as_utf8():
    assert encode_tensor(np.array(["é"])).string_val == ["é".encode()]


def _make(values, *sizes, dtype=types_pb2.DT_FLOAT) -> tensor_pb2.TensorProto:
    proto = tensor_pb2.TensorProto(dtype=dtype, float_val=values)
    for size in sizes:
        proto.tensor_shape.dim.add(size=size)
    return proto


def test_last_value_fills_the_shape():
    assert decode_tensor(_make([1, 2], 4)).tolist() == [1, 2, 2, 2]


def test_no_value_means_zeros():
    assert decode_tensor(_make([], 2)).tolist() == [0, 0]


def test_surplus_values_are_ignored():
    assert decode_tensor(_make([1, 2, 3], 2)).tolist() == [1, 2]


def test_negative_dimension_is_refused():
    with pytest.raises(ValueError, match=r"shape must be known.*\(-1,\)"):
        decode_tensor(_make([1], -1))


def test_few_bytes_cannot_allocate_a_huge_tensor():
    with pytest.raises(ValueError, match=r"must carry them. Received: 1"):
        decode_tensor(_make([1], 2**40))


def test_content_of_the_wrong_length_is_refused():
    proto = _make([], 2)
    proto.tensor_content = b"1234"
    with pytest.raises(ValueError, match=r"must hold 8 bytes. Received: 4"):
        decode_tensor(proto)


def test_unknown_dtype_is_refused():
    with pytest.raises(ValueError, match="Unknown dtype"):
        decode_tensor(_make([], 1, dtype=types_pb2.DT_RESOURCE))


def test_dates_are_refused():
    with pytest.raises(ValueError, match="dtype=datetime64"):
        encode_tensor(np.array(["2026-01-01"], "datetime64[D]"))


def test_value_beyond_the_dtype_is_refused():
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT8, int_val=[300])
    proto.tensor_shape.dim.add(size=1)
    with pytest.raises(ValueError, match="does not fit int8"):
        decode_tensor(proto)


@pytest.mark.parametrize("array", _ARRAYS, ids=lambda a: str(a.dtype))
def test_tensorflow_reads_content_too(array):
    proto = encode_tensor_content(array)
    np.testing.assert_array_equal(tf.make_ndarray(proto), array)
    np.testing.assert_array_equal(decode_tensor(proto), array)
    assert [dim.size for dim in proto.tensor_shape.dim] == list(array.shape)
    if array.dtype != object:
        assert proto.tensor_content == array.tobytes()


@pytest.mark.parametrize(
    ("dtype", "field", "values"),
    [
        (types_pb2.DT_HALF, "half_val", [1 << 20]),
        (types_pb2.DT_BFLOAT16, "half_val", [-1]),
        (types_pb2.DT_COMPLEX64, "scomplex_val", [1.0]),
    ],
)
def test_parts_that_make_no_number_are_refused(dtype, field, values):
    proto = tensor_pb2.TensorProto(dtype=dtype)
    getattr(proto, field).extend(values)
    with pytest.raises(ValueError, match=r"fit|divisor|divisible"):
        decode_tensor(proto)
