"""Typed client of a pushed recommender, on TF Serving's own stubs.

Works with the embedded server and with `tensorflow/serving`, and never imports
TensorFlow (serving/protos.py says how).
"""

import copy
from collections.abc import Mapping
from collections.abc import Sequence

import grpc
import numpy as np

from schemas import signatures
from serving.call_limit import CallLimit
from serving.protos import get_model_metadata_pb2
from serving.protos import get_model_status_pb2
from serving.protos import model_pb2
from serving.protos import model_service_pb2_grpc
from serving.protos import predict_pb2
from serving.protos import prediction_service_pb2_grpc
from serving.query import Constraints
from serving.query import Explanation
from serving.query import Query
from serving.query import Slate
from serving.query import VersionStatus
from serving.query import leave_kinds_out
from serving.query_tensors import as_queries
from serving.query_tensors import build_item_inputs
from serving.query_tensors import build_query_inputs
from serving.query_tensors import build_rank_inputs
from serving.query_tensors import build_recommend_inputs
from serving.slate_tensors import check_outputs
from serving.slate_tensors import read_explanations
from serving.slate_tensors import read_item_inputs
from serving.slate_tensors import read_slate
from serving.slate_tensors import reading_answer
from serving.tensors import decode_tensor
from serving.tensors import encode_tensor

_UNCONSTRAINED = Constraints()


class RecommenderClient:
    """Asks one model on one server; a context manager, safe in threads.

    Every method raises `ConnectionError` when the server cannot be reached,
    `TimeoutError` past the deadline, `LookupError` for a model or version
    that is not there, `ValueError` for a request the model refuses and
    `RuntimeError` for anything else; the gRPC error is its `__cause__`.
    """

    def __init__(
        self,
        address: str,
        model_name: str = signatures.MODEL_NAME,
        timeout: float = 10.0,
        version_label: str | None = None,
        channel: grpc.Channel | None = None,
    ):
        """Opens a channel; the first call connects.

        Args:
            address: host:port of the server's gRPC port.
            model_name: the model to ask.
            timeout: seconds a call may take.
            version_label: label of the version to ask; None asks the latest.
            channel: to that address, closed with the client; None opens a
                plain one.
        """
        self._spec = model_pb2.ModelSpec(
            name=model_name, version_label=version_label
        )
        self._address = address
        self._limit = CallLimit(f"`{model_name}` at {address}", timeout)
        self._channel = channel or grpc.insecure_channel(
            address, options=[("grpc.max_receive_message_length", -1)]
        )
        self._prediction = prediction_service_pb2_grpc.PredictionServiceStub(
            self._channel
        )
        self._model = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def __enter__(self) -> "RecommenderClient":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def for_request(
        self, timeout: float, version_label: str | None = None
    ) -> "RecommenderClient":
        """Returns a client whose calls share one deadline.

        It uses this client's channel, costs nothing and need not be closed.

        Args:
            timeout: seconds from now, for all its calls.
            version_label: label of the version to ask; None asks the latest.
        """
        client = copy.copy(self)
        client._spec = model_pb2.ModelSpec(
            name=self._spec.name, version_label=version_label
        )
        client._limit = self._limit.start(timeout)
        return client

    def recommend(
        self,
        query: Query | Sequence[Query],
        k: int = 10,
        constraints: Constraints | Sequence[Constraints] = _UNCONSTRAINED,
        version: int | None = None,
    ) -> list[Slate]:
        """Asks for the best k items for each query, in one round trip.

        Args:
            query: one query or several.
            k: items wanted, at least 1.
            constraints: for all queries, or one per query.
            version: the version to ask; None asks as the client was told.

        Returns:
            One slate per query; shorter than k when nothing more is allowed.
        """
        inputs = build_recommend_inputs(query, k, constraints)
        return self._ask_for_slates(signatures.RECOMMEND, inputs, version)

    def rank(
        self,
        query: Query | Sequence[Query],
        candidate_item_ids: Sequence[str] | Sequence[Sequence[str]],
        version: int | None = None,
    ) -> list[Slate]:
        """Scores given candidates for each query, in their order.

        Args:
            query: one query or several.
            candidate_item_ids: ids for all queries, or one list per query.
            version: the version to ask; None asks as the client was told.

        Returns:
            One slate per query, without reasons. The score of an item that
            is not in the catalogue is `signatures.UNKNOWN_ITEM_SCORE`.
        """
        inputs = build_rank_inputs(query, candidate_item_ids)
        return self._ask_for_slates(signatures.RANK, inputs, version)

    def explain(
        self,
        query: Query,
        candidate_item_ids: Sequence[str],
        version: int | None = None,
    ) -> list[Explanation]:
        """Explains the scores of given items exactly.

        Costs the server as much as one request per event of the query: the
        reasons of `recommend` are an estimate of the same for every slate.

        Args:
            query: what was asked.
            candidate_item_ids: the items to explain.
            version: the version to ask; None asks as the client was told.

        Returns:
            One explanation per item, in the order given.
        """
        inputs = build_rank_inputs(query, candidate_item_ids)
        outputs, _ = self._predict(signatures.EXPLAIN, inputs, version)
        num_events = len(query.item_ids)
        with reading_answer(signatures.EXPLAIN):
            row = {name: array[0] for name, array in outputs.items()}
            return read_explanations(row, candidate_item_ids, num_events)

    def encode_query(
        self, query: Query | Sequence[Query], version: int | None = None
    ) -> np.ndarray:
        """Returns the query embeddings, float32 `[B, D]`.

        Embeddings of two versions cannot be compared: name a `version` to
        compare them with embeddings of another call.
        """
        inputs = build_query_inputs(as_queries(query))
        outputs, _ = self._predict(signatures.ENCODE_QUERY, inputs, version)
        return outputs["query_embedding"]

    def encode_query_parts(
        self, queries: Sequence[Query], version: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Encodes each query with and without its history and its need.

        Args:
            queries: B of them.
            version: the version to ask.

        Returns:
            Embeddings float32 `[B, 4, D]`: of the whole query, without history,
            without need, without both. And the mean scores of the catalogue
            for each, float32 `[B, 4]`; None = the version does not say.
        """
        asked = [part for query in queries for part in leave_kinds_out(query)]
        inputs = build_query_inputs(asked)
        outputs, _ = self._predict(signatures.ENCODE_QUERY, inputs, version)
        with reading_answer(signatures.ENCODE_QUERY):
            found = outputs["query_embedding"].reshape([len(queries), 4, -1])
            means = outputs.get("mean_score")
        return found, None if means is None else means.reshape([-1, 4])

    def encode_items(
        self,
        titles: Sequence[str],
        descriptions: Sequence[str] = (),
        categories: Sequence[Sequence[str]] = (),
        version: int | None = None,
        numbers: Mapping[str, Sequence[float | None]] | None = None,
    ) -> np.ndarray:
        """Returns the embeddings of items by content, float32 `[B, D]`.

        Args:
            titles: B titles.
            descriptions: one per title, or empty.
            categories: one list per title, or empty.
            version: the version to ask, as of `encode_query`.
            numbers: further `list_item_inputs`, one number per title each.
        """
        inputs = build_item_inputs(titles, descriptions, categories, numbers)
        outputs, _ = self._predict(signatures.ENCODE_ITEMS, inputs, version)
        return outputs["item_embedding"]

    def list_item_inputs(self, version: int | None = None) -> frozenset[str]:
        """Lists the inputs of a version's `encode_items`.

        Numbers like the price are there if the model knows items by them.
        """
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._spec, metadata_field=["signature_def"]
        )
        if version is not None:
            request.model_spec.version.value = version
        response = self._limit.call(self._prediction.GetModelMetadata, request)
        return read_item_inputs(response)

    def status(self) -> list[VersionStatus]:
        """Lists the versions the server knows, highest first."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = self._spec.name
        response = self._limit.call(self._model.GetModelStatus, request)
        states = get_model_status_pb2.ModelVersionStatus.State
        return [
            VersionStatus(
                version=entry.version,
                state=states.Name(entry.state),
                error_code=entry.status.error_code,
                error_message=entry.status.error_message,
            )
            for entry in response.model_version_status
        ]

    def _ask_for_slates(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        version: int | None,
    ) -> list[Slate]:
        """Reads one slate per row; `rank` does not repeat its candidates."""
        outputs, asked = self._predict(signature, inputs, version)
        if "candidate_item_id" in inputs:
            outputs["item_id"] = inputs["candidate_item_id"]
        with reading_answer(signature):
            return [
                read_slate({name: a[row] for name, a in outputs.items()}, asked)
                for row in range(len(inputs["item_id"]))
            ]

    def _predict(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        version: int | None = None,
    ) -> tuple[dict[str, np.ndarray], int]:
        """Returns the outputs by name, and the version that made them."""
        request = predict_pb2.PredictRequest(model_spec=self._spec)
        request.model_spec.signature_name = signature
        if version is not None:
            request.model_spec.version.value = version  # clears the label
        for name, array in inputs.items():
            request.inputs[name].CopyFrom(encode_tensor(array))
        response = self._limit.call(self._prediction.Predict, request)
        with reading_answer(signature):
            outputs = {
                name: decode_tensor(proto)
                for name, proto in response.outputs.items()
            }
            num_rows = len(next(iter(inputs.values())))
            check_outputs(signature, outputs, num_rows)
        return outputs, response.model_spec.version.value
