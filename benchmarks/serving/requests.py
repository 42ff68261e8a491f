"""Requests with the latest events of real users, as bytes on the wire."""

import struct
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.quality.datasets import Dataset
from benchmarks.quality.interactions import pad_ids
from pipeline.commands.title_lookup import find_catalog
from schemas import signatures
from serving.protos import predict_pb2
from serving.query import Constraints
from serving.query import Query
from serving.query_tensors import build_recommend_inputs
from serving.tensors import encode_tensor

K = 10
_MIN_KNOWN = 0.9  # share of the items; a run may drop some
_LENGTH = struct.Struct("<I")


def name_items(dataset: Dataset, export: Path) -> np.ndarray:
    """Returns the dataset's item ids in the form of an export's catalogue.

    Raises:
        ValueError: the catalogue is another dataset's.
    """
    given = np.array(dataset.interactions.item_ids)
    table = pq.read_table(find_catalog(export), columns=["item_id"])
    known = table["item_id"].to_pylist()
    # `benchmarks.quality --ties item_id` pads them.
    for ids in (given, pad_ids(given)):
        if np.isin(ids, known).mean() > _MIN_KNOWN:
            return ids
    raise ValueError(
        f"{export} must be a model of MovieLens latest-small. Received: a "
        f"catalogue with ids such as {known[:3]}."
    )


def build_requests(
    dataset: Dataset, max_window: int, ids: np.ndarray
) -> list[predict_pb2.PredictRequest]:
    """Builds one `recommend` request for each person of the dataset.

    Args:
        dataset: who did what.
        max_window: events that a query holds; older ones are excluded only.
        ids: as of `name_items`.
    """
    data = dataset.interactions
    order = np.argsort(data.users, kind="stable")
    bounds = np.flatnonzero(np.diff(data.users[order])) + 1
    requests = []
    for rows in np.split(order, bounds):
        recent = rows[-max_window:]
        query = Query(
            item_ids=ids[data.items[recent]].tolist(),
            event_types=["rate"] * len(recent),
            timestamps=data.timestamps[recent].tolist(),
            values=data.values[recent].tolist(),
        )
        older = ids[data.items[rows[:-max_window]]].tolist()
        inputs = build_recommend_inputs(
            query, K, Constraints(excluded_item_ids=older)
        )
        request = predict_pb2.PredictRequest()
        request.model_spec.name = signatures.MODEL_NAME
        request.model_spec.signature_name = signatures.RECOMMEND
        for name, array in inputs.items():
            request.inputs[name].CopyFrom(encode_tensor(array))
        requests.append(request)
    return requests


def write_requests(
    path: Path, requests: Sequence[predict_pb2.PredictRequest]
) -> None:
    """Writes each request as its length and its bytes."""
    with path.open("wb") as file:
        for request in requests:
            text = request.SerializeToString()
            file.write(_LENGTH.pack(len(text)) + text)


def read_requests(path: Path) -> Iterator[bytes]:
    """Reads what `write_requests` wrote; nothing is parsed."""
    content = path.read_bytes()
    at = 0
    while at < len(content):
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size + length
        yield content[at - length : at]
