"""Runs the SavedModel of a run on its test queries. Loads TensorFlow."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)

from components.window_examples.window import Window
from pipeline.report.diagnostics.recorded_behavior import RecordedQueries
from schemas import signatures
from schemas.model_facts import read_model_facts
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_query_inputs

SLATE_LENGTH = 10
_BATCH = 128


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelAnswers:
    """The answers of a model to Q recorded queries.

    Attributes:
        ranks: float64 `[Q]`, 1-based, of the item that came next.
        probability: float64 `[Q]`, that the event is a success.
        slates: int64 `[Q, 10]`, rows of the catalogue; -1 = nothing left.
    """

    ranks: np.ndarray
    probability: np.ndarray
    slates: np.ndarray


def ask_model(
    model_path: Path, queries: RecordedQueries, rows: Mapping[str, int]
) -> ModelAnswers:
    """Calls `serving_default` for ranks and `recommend` for slates.

    Args:
        model_path: folder of the SavedModel.
        queries: Q of them.
        rows: item id to row of the catalogue.
    """
    model = tf.saved_model.load(str(model_path))
    judge = model.signatures[signatures.SERVING_DEFAULT]
    recommend = model.signatures[signatures.RECOMMEND]
    repeats = read_model_facts(model_path).repeats
    ranks, probability, slates = [], [], []
    for first in range(0, len(queries.records), _BATCH):
        records = queries.records[first : first + _BATCH]
        judged = judge(examples=tf.constant(records))
        ranks.append(judged["rank"].numpy())
        probability.append(judged["probability"].numpy())
        windows = queries.windows[first : first + _BATCH]
        slates += _recommend(recommend, windows, rows, repeats)
    nothing = np.zeros(0)
    return ModelAnswers(
        ranks=np.concatenate([nothing, *ranks]),
        probability=np.concatenate([nothing, *probability]),
        slates=np.array(slates, np.int64).reshape(-1, SLATE_LENGTH),
    )


def _recommend(
    recommend: Callable,
    windows: list[Window],
    rows: Mapping[str, int],
    repeats: bool,
) -> list[list[int]]:
    inputs = build_query_inputs([window.to_query() for window in windows])
    inputs |= build_constraint_inputs(
        [window.to_constraints(repeats) for window in windows]
    )
    inputs["k"] = np.full(len(windows), SLATE_LENGTH, np.int32)
    answer = recommend(**{n: tf.constant(v) for n, v in inputs.items()})
    slates = []
    for slate in answer["item_id"].numpy():
        found = [rows.get(item_id.decode(), -1) for item_id in slate]
        slates.append(found + [-1] * (SLATE_LENGTH - len(found)))
    return slates
