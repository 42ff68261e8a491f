"""The interface of a task: loss, metrics, answers, evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from trainer.config import TrainerConfig
from trainer.inputs.item_table import ItemTable
from trainer.inputs.request_features import ValueScale


class Targets(NamedTuple):
    """Q events that came next, and the queries before them.

    Attributes:
        queries: float32 `[Q, D]`.
        rows: int32 `[Q]`, the catalogue row of each event's item.
        items: float32 `[N, D]`, the whole catalogue.
        positive: float32 `[Q]`, 1 where the event was a success, else 0.
        value: float32 `[Q]`, scaled.
        has_value: float32 `[Q]`, 1 where there is a value.
    """

    queries: tf.Tensor
    rows: tf.Tensor
    items: tf.Tensor
    positive: tf.Tensor
    value: tf.Tensor
    has_value: tf.Tensor


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How one output of `serving_default` is judged.

    Attributes:
        output: its name.
        metrics: of the evaluator, by the names that thresholds use.
        label: feature of the example that it is compared with; "" = none.
        weight: feature that says how much an example counts; "" = all alike.
    """

    output: str
    metrics: tuple[str, ...]
    label: str = ""
    weight: str = ""


class Task(tf.keras.layers.Layer):
    """A task of the towers.

    The model adds the tasks' losses, the export their answers, the evaluator
    their metrics. To add a task, add a module to this folder and a line in
    `trainer/tasks/__init__.py`.

    Attributes:
        outputs: the tensors that it adds to answers about candidates, name to
            (dtype name, rank), as `schemas/signatures.py` lists them.
        evaluations: what the evaluator reads of it.
        weight: weight of its loss; 0 = not trained.
    """

    outputs: ClassVar[Mapping[str, tuple[str, int]]] = {}
    evaluations: ClassVar[tuple[Evaluation, ...]] = ()
    weight: float = 1.0

    @classmethod
    def build_task(cls, items: ItemTable, config: TrainerConfig) -> "Task":
        """Builds the task for a catalogue."""
        raise NotImplementedError

    def update_counts(self, counts: np.ndarray) -> None:
        """Tells how often each item is a target by now.

        Graphs that were traced before do not notice.

        Args:
            counts: int `[N]`.
        """

    def compute_loss(self, targets: Targets) -> tf.Tensor:
        """Computes the mean loss per target; float32 scalar, 0 of none."""
        raise NotImplementedError

    def measure(self, scored: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Counts a batch of the eval split.

        Args:
            scored: as of `Recommender.score_catalogue`.

        Returns:
            Metrics of all batches so far, by name.
        """
        return {}

    def judge(
        self,
        queries: tf.Tensor,
        candidates: tf.Tensor,
        is_known: tf.Tensor,
        value_scale: ValueScale,
    ) -> dict[str, tf.Tensor]:
        """Computes the task's answers for candidates.

        Args:
            queries: float32 `[B, D]`.
            candidates: float32 `[B, K, D]`; zeros where they are not known.
            is_known: bool `[B, K]`, which are in the catalogue.
            value_scale: of the values of events.

        Returns:
            `outputs`, `[B, K]` each.
        """
        return {}
