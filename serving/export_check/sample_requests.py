"""At least one Predict request for each signature of an export."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from schemas.artifact_files import WARM_UP_FILE
from serving.export_check.export_problems import read_saved_model
from serving.export_check.sample_example import build_sample_example
from serving.protos import meta_graph_pb2
from serving.protos import predict_pb2
from serving.protos import prediction_log_pb2
from serving.protos import tensor_pb2
from serving.tensors import encode_tensor

# Exported by TensorFlow for its own use; it has no input and is no RPC.
_INIT_SIGNATURE = "__saved_model_init_op"


@dataclasses.dataclass(frozen=True)
class SampleRequest:
    """A request; `is_warm_up` = it is one of the export's warm-up requests."""

    request: predict_pb2.PredictRequest
    is_warm_up: bool


def build_sample_requests(
    export: Path, signatures: Mapping[str, meta_graph_pb2.SignatureDef]
) -> list[SampleRequest]:
    """Returns the warm-up requests, and a generated one for other signatures.

    A made-up request takes the inputs that a warm-up request knows by the
    same name, type and rank. A vector of texts that is the only input holds
    an example, if the graph parses examples. All else is empty texts or ones.

    Args:
        export: the version directory.
        signatures: of the export, by name.

    Returns:
        The warm-up requests in the order of their file, then one for each
        other signature by name.
    """
    warm_up = _read_warm_up_requests(export)
    asked = {request.model_spec.signature_name for request in warm_up}
    known = {}
    for request in reversed(warm_up):
        known |= dict(request.inputs)
    (meta_graph, *_) = read_saved_model(export).meta_graphs
    example = build_sample_example(meta_graph.graph_def)
    made_up = [
        _make_up_request(name, signatures[name], known, example)
        for name in sorted(set(signatures) - asked - {_INIT_SIGNATURE})
    ]
    return [SampleRequest(request, True) for request in warm_up] + [
        SampleRequest(request, False) for request in made_up
    ]


def _read_warm_up_requests(export: Path) -> list[predict_pb2.PredictRequest]:
    file = export / WARM_UP_FILE
    if not file.is_file():
        return []
    logs = map(
        prediction_log_pb2.PredictionLog.FromString,
        tf.data.TFRecordDataset(str(file)).as_numpy_iterator(),
    )
    return [
        log.predict_log.request
        for log in logs
        if log.WhichOneof("log_type") == "predict_log"
    ]


def _make_up_request(
    name: str,
    signature: meta_graph_pb2.SignatureDef,
    known: Mapping[str, tensor_pb2.TensorProto],
    example: bytes,
) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = name
    num_rows = 1
    for alias, info in signature.inputs.items():
        if alias in known and _fits(known[alias], info):
            request.inputs[alias].CopyFrom(known[alias])
            num_rows = known[alias].tensor_shape.dim[0].size
    for alias, info in signature.inputs.items():
        if alias not in request.inputs:
            text = example if len(signature.inputs) == 1 else b""
            array = _make_up_array(info, num_rows, text)
            request.inputs[alias].CopyFrom(encode_tensor(array))
    return request


def _fits(
    value: tensor_pb2.TensorProto, info: meta_graph_pb2.TensorInfo
) -> bool:
    rank = len(value.tensor_shape.dim)
    return (
        value.dtype == info.dtype
        and rank > 0
        and rank == len(info.tensor_shape.dim)
    )


def _make_up_array(
    info: meta_graph_pb2.TensorInfo, num_rows: int, text: bytes
) -> np.ndarray:
    """Free dimensions are 1, the first is the number of rows."""
    shape = [max(dim.size, 1) for dim in info.tensor_shape.dim]
    if shape and info.tensor_shape.dim[0].size < 0:
        shape[0] = num_rows
    dtype = tf.as_dtype(info.dtype)
    if dtype == tf.string:
        texts = np.empty(shape, object)
        texts.fill(text)  # `np.full` cuts zero bytes off the end
        return texts
    return np.ones(shape, dtype.as_numpy_dtype)
