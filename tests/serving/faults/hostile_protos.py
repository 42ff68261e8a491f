"""Requests that no client means well, for the fuzz of the gRPC port."""

from hypothesis import strategies as st

from serving.protos import predict_pb2
from serving.protos import tensor_pb2
from serving.protos import types_pb2
from tests.serving.faults.conftest import NAME

SIGNATURES = (
    "",
    "serving_default",
    "apart",
    "scalar",
    "weigh",
    "texts",
    "with_default",
    "classify_flat",
    "regress_flat",
    "classify_two_inputs",
    "nothing",
    *(
        f"echo_{name}"
        for name in (
            *("float", "double", "int8", "int32", "int64", "uint64", "bool"),
            *("string", "half", "bfloat16", "complex64"),
        )
    ),
)
_ALIASES = ("a", "b", "x", "text", "pair", "inputs", "")

_sizes = st.sampled_from(
    [-(2**63), -1, 0, 1, 2, 3, 33, 2**20, 2**31, 2**40, 2**62, 2**63 - 1]
)
_dtypes = st.sampled_from([*types_pb2.DataType.values(), 77, 2**31 - 1])


@st.composite
def tensors(draw):
    tensor = tensor_pb2.TensorProto(dtype=draw(_dtypes))
    shape = tensor.tensor_shape
    kind = draw(st.sampled_from(["small", "small", "wild", "deep", "none"]))
    if kind == "none":
        shape.unknown_rank = True
    sizes = {
        "small": st.lists(st.integers(0, 3), max_size=3),
        "wild": st.lists(_sizes, max_size=5),
        "deep": st.integers(30, 300).map(lambda rank: [1] * rank),
        "none": st.just([]),
    }[kind]
    for size in draw(sizes):
        shape.dim.add(size=size)
    if draw(st.booleans()):
        tensor.tensor_content = draw(st.binary(max_size=40))
    floats = draw(st.lists(st.floats(width=32), max_size=4))
    tensor.float_val.extend(floats)
    tensor.double_val.extend(floats)
    tensor.scomplex_val.extend(floats)
    integers = draw(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=4))
    tensor.int_val.extend(integers)
    tensor.int64_val.extend(2**32 * n for n in integers)
    tensor.uint64_val.extend(abs(n) for n in integers)
    tensor.half_val.extend(integers)
    tensor.bool_val.extend(n > 0 for n in integers)
    tensor.string_val.extend(draw(st.lists(st.binary(max_size=9), max_size=4)))
    if draw(st.integers(0, 9)) == 0:
        tensor.variant_val.add(type_name="x", metadata=b"\xff")
        tensor.resource_handle_val.add(name="variable", container="c")
    return tensor


@st.composite
def predicts(draw):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = draw(
        st.sampled_from(["toolbox", "toolbox", NAME, "", "nobody"])
    )
    request.model_spec.signature_name = draw(st.sampled_from(SIGNATURES))
    if draw(st.integers(0, 5)) == 0:
        request.model_spec.version.value = draw(_sizes)
    names = draw(st.sets(st.sampled_from(_ALIASES), max_size=3))
    for name in sorted(names):
        request.inputs[name].CopyFrom(draw(tensors()))
    if draw(st.integers(0, 5)) == 0:
        request.output_filter.extend(draw(st.lists(st.text(max_size=3))))
    return request
