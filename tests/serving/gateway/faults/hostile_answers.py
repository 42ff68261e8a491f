"""Answers that no model server should give, for hypothesis to draw."""

import math
import threading

import grpc
from hypothesis import strategies as st

from schemas import signatures
from serving.protos import predict_pb2
from serving.protos import types_pb2
from tests.serving.faults.hostile_protos import tensors

_NAMES = sorted(
    {name for outputs in signatures.OUTPUTS.values() for name in outputs}
)
_FLOATS = st.sampled_from(
    [math.nan, math.inf, -math.inf, 3.4e38, -3.4028234663852886e38, 1e-45, -0.0]
)
_INTS = st.sampled_from([-(2**31), -2, 0, 1, 7, 255, 4096, 2**31 - 1])
_TEXTS = st.sampled_from(
    [
        b"",
        b"\xff\xfe",
        b"\xed\xa0\x80",  # half a surrogate pair
        b"\x00",
        b"\n",
        b"i01",
        b"<script>",
        b"x" * 300,
        b"y" * 100_000,
    ]
)
_VERSIONS = st.sampled_from([-(2**63), -1, 0, 2**53, 2**63 - 1])


@st.composite
def twists(draw):
    """Draws what is wrong with a Predict's outputs, whatever they are."""
    wrongs = {
        name: draw(
            st.sampled_from(["lost", "tensor", "values", "shape", "values"])
        )
        for name in sorted(
            draw(st.sets(st.sampled_from(_NAMES), min_size=1, max_size=3))
        )
    }
    tensor = draw(tensors())
    floats = draw(st.lists(_FLOATS, min_size=1, max_size=4))
    ints = draw(st.lists(_INTS, min_size=1, max_size=4))
    texts = draw(st.lists(_TEXTS, min_size=1, max_size=4))
    sizes = draw(st.lists(st.integers(-1, 5), max_size=4))
    version = draw(st.none() | _VERSIONS)

    def spoil(output, how):
        if how == "tensor":
            output.CopyFrom(tensor)
        elif how == "shape":
            del output.tensor_shape.dim[:]
            for size in sizes:
                output.tensor_shape.dim.add(size=size)
        else:
            values, given = {
                types_pb2.DT_FLOAT: (output.float_val, floats),
                types_pb2.DT_INT32: (output.int_val, ints),
                types_pb2.DT_STRING: (output.string_val, texts),
            }[output.dtype]
            for place in range(len(values)):
                values[place] = given[place % len(given)]

    def twist(good, _: grpc.ServicerContext) -> bytes:
        if isinstance(good, predict_pb2.PredictResponse):
            for name, how in wrongs.items():
                if how == "lost":
                    good.outputs.pop(name, None)
                elif name in good.outputs:
                    spoil(good.outputs[name], how)
            if version is not None:
                good.model_spec.version.value = version
        return good.SerializeToString()

    return twist


@st.composite
def noises(draw):
    """Draws bytes, or a good answer with some of them wrong."""
    noise = draw(st.binary(max_size=100))
    place = draw(st.none() | st.integers(0, 10**6))

    def twist(good, _: grpc.ServicerContext) -> bytes:
        if place is None:
            return noise
        message = bytearray(good.SerializeToString())
        start = place % (len(message) + 1)
        message[start : start + len(noise)] = noise
        return bytes(message)

    return twist


def send_much(good, _: grpc.ServicerContext) -> bytes:
    """A twist: twenty megabytes for each text."""
    if isinstance(good, predict_pb2.PredictResponse):
        for output in good.outputs.values():
            if output.dtype == types_pb2.DT_STRING:
                output.string_val[:] = [b"z" * (20 << 20)]
    return good.SerializeToString()


def stall(_, context: grpc.ServicerContext) -> bytes:
    """A twist: no answer while anybody waits for one."""
    gone = threading.Event()
    if context.add_callback(gone.set):
        gone.wait(60)
    return b""


def refuse_with(code: grpc.StatusCode, details: str):
    """Returns a twist that ends every call with a status code."""

    def twist(_, context: grpc.ServicerContext) -> bytes:
        context.abort(code, details)

    return twist
