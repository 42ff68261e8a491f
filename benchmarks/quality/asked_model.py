"""Answers of an exported model to the benchmarks' queries."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import K
from schemas import signatures
from serving.query import Constraints
from serving.query import Query
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_query_inputs
from serving.query_tensors import pad_texts

_BATCH = 64
_WHOLE_BATCH = 4  # queries with all items as candidates


@dataclass(frozen=True)
class TrainedModel:
    """An exported model, with the settings to call it.

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


class Order(Protocol):
    """Orders candidates again, see `benchmarks.liking.policy_order`."""

    num_candidates: int

    def __call__(
        self,
        item_ids: Sequence[str],
        scores: Sequence[float],
        probabilities: Sequence[float],
    ) -> Sequence[str]:
        """Returns the ids of N candidates in their final order."""


def ask_for_slates(
    model: TrainedModel,
    dataset: Dataset,
    queries: Queries,
    only_candidates: bool = False,
    order: Order | None = None,
) -> np.ndarray:
    """Calls `recommend` for every query.

    Peers do not get the time of the next event, so we do not send it. An
    item that training never saw counts as a miss, for us as for peers.

    Args:
        model: the model.
        dataset: what the queries' events point into.
        queries: what is asked.
        only_candidates: whether the request excludes all items that are no
            candidates.
        order: of more candidates than are counted; None = the model's own.

    Returns:
        int64 `[Q, 10]`, -1 = nothing.
    """
    k = order.num_candidates if order else K
    data = dataset.interactions
    items = {item: row for row, item in enumerate(data.item_ids)}
    excluded = ()
    if only_candidates:
        candidates = set(data.item_ids[queries.is_candidate])
        excluded = tuple(
            item for item in dataset.catalog if item not in candidates
        )
    ask = load_signature(model, signatures.RECOMMEND)
    slates = np.full((len(queries), K), -1, np.int64)
    for first, batch in _batches(queries):
        asked = _build_queries(model, data, batch)
        met = [
            Constraints(
                excluded_item_ids=excluded
                if queries.repeats
                else (*older, *excluded),
                exclude_history=not queries.repeats,
            )
            for _, older in asked
        ]
        inputs = build_query_inputs([query for query, _ in asked])
        inputs |= build_constraint_inputs(met)
        answer = ask(inputs | {"k": np.full(len(batch), k, np.int32)})
        for row, slate in enumerate(answer["item_id"]):
            ids = [item.decode() for item in slate]
            if order:
                told = (answer[name][row] for name in ("score", "probability"))
                ids = order(ids, *told)
            found = [items.get(item, -1) for item in ids[:K]]
            slates[first + row, : len(found)] = found
    is_miss = (slates < 0) | ~queries.is_candidate[slates]
    return np.where(is_miss, -1, slates)


def ask_for_ratings(
    model: TrainedModel, dataset: Dataset, queries: Queries
) -> np.ndarray:
    """Calls `rank` for the expected rating of every query's only target.

    Args:
        model: the model.
        dataset: what the queries' events point into.
        queries: what is asked; one target each.

    Returns:
        float32 `[Q]`.
    """
    data = dataset.interactions
    ask = load_signature(model, signatures.RANK)
    ratings = np.zeros(len(queries), np.float32)
    for first, batch in _batches(queries):
        asked = _build_queries(model, data, batch)
        inputs = build_query_inputs([query for query, _ in asked])
        candidates = [[item] for item in data.item_ids[batch.targets]]
        inputs["candidate_item_id"] = pad_texts(candidates)
        answer = ask(inputs)["rating"][:, 0]
        ratings[first : first + len(batch)] = answer
    return ratings


def ask_for_scores(
    model: TrainedModel, dataset: Dataset, queries: Queries
) -> np.ndarray:
    """Calls `rank` for the scores of all items.

    Args:
        model: the model.
        dataset: what the queries' events point into.
        queries: what is asked.

    Returns:
        float32 `[Q, I]`.
    """
    data = dataset.interactions
    ask = load_signature(model, signatures.RANK)
    scores = np.zeros((len(queries), len(data.item_ids)), np.float32)
    for first in range(0, len(queries), _WHOLE_BATCH):
        end = min(first + _WHOLE_BATCH, len(queries))
        batch = queries.take(range(first, end))
        asked = _build_queries(model, data, batch)
        inputs = build_query_inputs([query for query, _ in asked])
        candidates = [data.item_ids.tolist()] * len(batch)
        inputs["candidate_item_id"] = pad_texts(candidates)
        scores[first:end] = ask(inputs)["score"]
    return scores


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
    ids = [str(data.item_ids[item]) for item in data.items[rows]]
    recent = rows[-model.max_window :]
    older = len(rows) - len(recent)
    query = Query(
        item_ids=tuple(ids[older:]),
        event_types=(model.event_type,) * len(recent),
        timestamps=tuple(data.timestamps[recent].tolist()),
        values=tuple(data.values[recent].tolist()),
    )
    return query, ids[:older]


def _batches(queries: Queries) -> Iterator[tuple[int, Queries]]:
    for first in range(0, len(queries), _BATCH):
        end = min(first + _BATCH, len(queries))
        yield first, queries.take(range(first, end))


def _build_queries(
    model: TrainedModel, data: Interactions, queries: Queries
) -> list[tuple[Query, list[str]]]:
    return [
        build_query(model, data, queries.get_rows(query))
        for query in range(len(queries))
    ]


def load_signature(
    model: TrainedModel, name: str
) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Loads a model to call one of its signatures, arrays to arrays."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

    loaded = tf.saved_model.load(str(model.path))

    def ask(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        tensors = {key: tf.constant(value) for key, value in inputs.items()}
        # Looked up here: the model owns the variables and must stay alive.
        answer = loaded.signatures[name](**tensors)
        return {key: value.numpy() for key, value in answer.items()}

    return ask
