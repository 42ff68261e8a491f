"""Our side of the benchmarks: what an exported model answers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
from benchmarks.datasets import Dataset
from benchmarks.interactions import Interactions
from benchmarks.ranking_protocol import K
from benchmarks.ranking_protocol import Queries
from serving.query import Constraints
from serving.query import Query
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_query_inputs

ID_WIDTH = 6  # padded ids sort as text like they sort as numbers
_BATCH = 64


@dataclass(frozen=True)
class TrainedModel:
    """A model to ask, and what asking it takes.

    Attributes:
        path: a SavedModel with the signatures of schemas/signatures.py.
        event_type: of all events.
        max_window: events that a query holds; older ones are excluded only.
        train_seconds: what TowerTrainer took.
    """

    path: Path
    event_type: str
    max_window: int
    train_seconds: float


def ask_for_slates(
    model: TrainedModel,
    dataset: Dataset,
    queries: Queries,
    only_candidates: bool = False,
) -> np.ndarray:
    """Asks `recommend` for the slate of every query.

    Peers are not told when the next event happens, so we do not say it. An
    item that training never saw counts as a miss, for us as for peers.

    Args:
        model: the model.
        dataset: what the queries' events point into.
        queries: what is asked.
        only_candidates: whether the request excludes all items that are no
            candidates.

    Returns:
        int64 `[Q, 10]`, -1 = nothing.
    """
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

    from schemas import signatures

    data = dataset.interactions
    items = {
        item.zfill(ID_WIDTH): row for row, item in enumerate(data.item_ids)
    }
    excluded = ()
    if only_candidates:
        candidates = set(data.item_ids[queries.is_candidate])
        excluded = tuple(
            item.zfill(ID_WIDTH)
            for item in dataset.catalog
            if item not in candidates
        )
    loaded = tf.saved_model.load(str(model.path))
    function = loaded.signatures[signatures.RECOMMEND]
    slates = np.full((len(queries), K), -1, np.int64)
    for first in range(0, len(queries), _BATCH):
        asked = queries.take(range(first, min(first + _BATCH, len(queries))))
        inputs = _build_inputs(model, data, asked, excluded)
        answer = function(**inputs)["item_id"].numpy()
        for row, slate in enumerate(answer):
            found = [items.get(item.decode(), -1) for item in slate]
            slates[first + row, : len(found)] = found
    is_miss = (slates < 0) | ~queries.is_candidate[slates]
    return np.where(is_miss, -1, slates)


def build_query(
    model: TrainedModel, data: Interactions, rows: np.ndarray
) -> tuple[Query, list[str]]:
    """Builds the query of a user, and the ids met before its window.

    Args:
        model: says how long a window is.
        data: the events.
        rows: the user's events, oldest first.

    Returns:
        The query, and a list of ids.
    """
    ids = [data.item_ids[item].zfill(ID_WIDTH) for item in data.items[rows]]
    recent = rows[-model.max_window :]
    older = len(rows) - len(recent)
    query = Query(
        item_ids=tuple(ids[older:]),
        event_types=(model.event_type,) * len(recent),
        timestamps=tuple(data.timestamps[recent].tolist()),
        values=tuple(data.values[recent].tolist()),
    )
    return query, ids[:older]


def _build_inputs(
    model: TrainedModel,
    data: Interactions,
    queries: Queries,
    excluded: tuple[str, ...],
) -> dict:
    import tensorflow as tf

    asked = [
        build_query(model, data, queries.get_rows(query))
        for query in range(len(queries))
    ]
    met = [
        Constraints(excluded_item_ids=(*older, *excluded)) for _, older in asked
    ]
    inputs = build_query_inputs([query for query, _ in asked])
    inputs |= build_constraint_inputs(met)
    inputs["k"] = np.full(len(queries), K, np.int32)
    return {name: tf.constant(value) for name, value in inputs.items()}
