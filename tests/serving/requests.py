"""Builds requests and reads refusals; shared by the server's tests."""

from collections.abc import Callable

import grpc
import numpy as np

from serving.protos import predict_pb2
from serving.query import Constraints
from serving.query import Query
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_query_inputs
from serving.query_tensors import texts
from serving.tensors import encode_tensor


def build_predict_request(
    signature: str, inputs: dict, model_name: str = "tastemaker"
) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model_name
    request.model_spec.signature_name = signature
    for name, array in inputs.items():
        request.inputs[name].CopyFrom(encode_tensor(array))
    return request


def build_recommend_request(
    query: Query | None = None, k: int = 3
) -> predict_pb2.PredictRequest:
    inputs = build_query_inputs([query or Query(item_ids=["i01"])])
    inputs |= build_constraint_inputs([Constraints()])
    inputs["k"] = np.array([k], np.int32)
    return build_predict_request("recommend", inputs)


def build_items_request(
    titles: tuple[str, ...] = ("abc",),
) -> predict_pb2.PredictRequest:
    """The smallest request there is: the answer is each title's length."""
    inputs = {
        "title": texts(titles),
        "description": texts([""] * len(titles)),
        "categories": np.full((len(titles), 1), b"", object),
    }
    return build_predict_request("encode_items", inputs)


def read_refusal(call: Callable, request: object) -> tuple:
    """Calls what must fail; returns the status code and the message."""
    try:
        answer = call(request)
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError(f"must be refused, but answered {answer}")
