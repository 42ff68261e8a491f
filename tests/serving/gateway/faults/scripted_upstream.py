"""A model server without a model: it answers as tests tell it to."""

import threading
from collections.abc import Callable
from concurrent import futures

import grpc
import numpy as np

from schemas import signatures
from serving.protos import get_model_metadata_pb2
from serving.protos import get_model_status_pb2
from serving.protos import predict_pb2
from serving.tensors import decode_tensor
from serving.tensors import encode_tensor

ITEM_IDS = [f"i{number:02d}" for number in range(40)]
VERSION = 3
_DIM = 4

# Gets the good answer, returns the one to send, or aborts the call.
Twist = Callable[[object, grpc.ServicerContext], bytes]


class ScriptedUpstream(grpc.GenericRpcHandler):
    """Predict and what tells of the model, on a port of its own.

    A context manager.

    Attributes:
        address: host:port to ask.
        twist: spoils answers; None = they are good.
        asked: the newest inputs by signature, as arrays.
    """

    def __init__(self):
        self.twist: Twist | None = None
        self.asked: dict[str, dict[str, np.ndarray]] = {}
        self._lock = threading.Lock()
        self._server = grpc.server(futures.ThreadPoolExecutor(8), [self])
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"
        self._server.start()

    def __enter__(self) -> "ScriptedUpstream":
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.stop(0).wait()

    def service(self, details):
        build = _OTHER_CALLS.get(
            details.method.rpartition("/")[2], self._build_answer
        )

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            good = build(request)
            twist = self.twist
            if twist is not None:
                return twist(good, context)
            return good.SerializeToString()

        return grpc.unary_unary_rpc_method_handler(answer)

    def _build_answer(self, message: bytes) -> predict_pb2.PredictResponse:
        request = predict_pb2.PredictRequest.FromString(message)
        signature = request.model_spec.signature_name
        inputs = {
            name: decode_tensor(tensor)
            for name, tensor in request.inputs.items()
        }
        with self._lock:
            self.asked[signature] = inputs
        response = predict_pb2.PredictResponse()
        response.model_spec.version.value = VERSION
        response.model_spec.signature_name = signature
        for name, array in _ANSWERS[signature](inputs).items():
            response.outputs[name].CopyFrom(encode_tensor(array))
        return response


def list_asked_events(upstream: ScriptedUpstream) -> list[str]:
    """Returns item ids of the events that `recommend` was sent last."""
    row = upstream.asked[signatures.RECOMMEND]["item_id"][0]
    return [item_id.decode() for item_id in row if item_id]


def _build_status(_: bytes) -> get_model_status_pb2.GetModelStatusResponse:
    response = get_model_status_pb2.GetModelStatusResponse()
    states = get_model_status_pb2.ModelVersionStatus
    response.model_version_status.add(version=VERSION, state=states.AVAILABLE)
    return response


def _build_metadata(
    _: bytes,
) -> get_model_metadata_pb2.GetModelMetadataResponse:
    signature_defs = get_model_metadata_pb2.SignatureDefMap()
    inputs = signature_defs.signature_def[signatures.ENCODE_ITEMS].inputs
    for name in signatures.ENCODE_ITEMS_INPUTS:
        inputs[name].SetInParent()
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    response.metadata["signature_def"].Pack(signature_defs)
    return response


def _recommend(inputs) -> dict[str, np.ndarray]:
    k = int(inputs["k"][0])
    forbidden = {*inputs["excluded_item_id"][0], *inputs["item_id"][0]}
    shown = [i for i in map(str.encode, ITEM_IDS) if i not in forbidden][:k]
    shape = 1, len(shown), signatures.POSITIONS_PER_ITEM
    weights = np.zeros(shape, np.float32)
    positions = np.full(shape, -1, np.int32)
    if inputs["item_id"][0].any():
        positions[:, :, 0], weights[:, :, 0] = 0, 1.0
    return {
        "item_id": np.array([shown], object),
        **_grade(len(shown)),
        "history_positions": positions,
        "history_weights": weights,
        **_share(len(shown)),
    }


def _share(count: int) -> dict[str, np.ndarray]:
    share = np.full([1, count], 1 / 3, np.float32)
    return dict.fromkeys(signatures.KIND_SHARES, share)


def _rank(inputs) -> dict[str, np.ndarray]:
    # None is in the catalogue, so that new items are encoded.
    graded = _grade(inputs["candidate_item_id"].shape[1])
    graded["score"][:] = signatures.UNKNOWN_ITEM_SCORE
    return graded


def _grade(count: int) -> dict[str, np.ndarray]:
    score = np.linspace(1.0, 0.0, count, dtype=np.float32)[np.newaxis]
    return {"score": score, "probability": score / 2, "rating": 3.0 + score}


def _explain(inputs) -> dict[str, np.ndarray]:
    count = inputs["candidate_item_id"].shape[1]
    length = inputs["item_id"].shape[1]
    score = _grade(count)["score"]
    drops = np.full([1, count, length], 0.5, np.float32)
    return {
        "score": score,
        "score_without_history": score,
        "score_without_need": score,
        "place": score,
        "place_without_history": score,
        "place_without_need": score,
        **_share(count),
        "score_drops": drops,
        "history_weights": drops / length,
        "source_names": np.array([[b"text", b"id"]], object),
        "source_shares": np.full([1, count, 2], 0.5, np.float32),
    }


def _encode_query(inputs) -> dict[str, np.ndarray]:
    batch = len(inputs["item_id"])
    return {
        "query_embedding": np.ones([batch, _DIM], np.float32),
        "mean_score": np.zeros([batch], np.float32),
    }


def _encode_items(inputs) -> dict[str, np.ndarray]:
    return {"item_embedding": np.ones([len(inputs["title"]), _DIM], np.float32)}


_OTHER_CALLS = {
    "GetModelStatus": _build_status,
    "GetModelMetadata": _build_metadata,
}
_ANSWERS = {
    signatures.RECOMMEND: _recommend,
    signatures.RANK: _rank,
    signatures.EXPLAIN: _explain,
    signatures.ENCODE_QUERY: _encode_query,
    signatures.ENCODE_ITEMS: _encode_items,
}
