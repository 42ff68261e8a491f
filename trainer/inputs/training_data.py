"""Opens the data of training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from trainer.config import TrainerConfig
from trainer.inputs.dislikes import build_dislike_rule
from trainer.inputs.item_table import ItemTable
from trainer.inputs.recent_windows import load_recent_windows
from trainer.inputs.windows import RowLookup
from trainer.inputs.windows import load_windows

EVAL_BATCH = 128


@dataclass(frozen=True, kw_only=True)
class TrainingInputs:
    """The input files of training, and its log folder.

    Attributes:
        train_paths: gzip TFRecord files of transformed train examples.
        eval_paths: the same of the eval split.
        transform: the Transform stage's output.
        catalog_path: folder of the Catalog artifact.
        vectors_path: folder of the ItemVectors artifact.
        log_path: folder for TensorBoard.
        repeats: whether people come back to items, as the dataset says.
    """

    train_paths: Sequence[str]
    eval_paths: Sequence[str]
    transform: tft.TFTransformOutput
    catalog_path: str
    vectors_path: str
    log_path: str
    repeats: bool


class TrainingData(NamedTuple):
    """The data for the towers and the linear models.

    Attributes:
        windows: batches of the train split, shuffled again each epoch; dislikes
            are learnt from like all events, and not marked.
        queries: batches of the eval split, to choose the epoch and to weigh
            the scores by.
        recent: the eval split as windows to learn from after that; empty
            where it is to stay unseen.
    """

    windows: tf.data.Dataset
    queries: tf.data.Dataset
    recent: list[dict[str, np.ndarray]]


def load_training_data(
    items: ItemTable, inputs: TrainingInputs, config: TrainerConfig
) -> TrainingData:
    """Opens the splits; the train split is streamed.

    Args:
        items: the catalogue.
        inputs: the outputs of earlier stages.
        config: all settings.
    """
    rows = RowLookup(list(items.item_ids))
    spec = inputs.transform.transformed_feature_spec()
    dislikes = build_dislike_rule(
        inputs.transform, items.rating_scale, config.objective
    )
    windows = load_windows(
        inputs.train_paths,
        spec,
        rows,
        config.optimizer.batch_size,
        shuffle_seed=config.seed,
    )
    # Drawn from all of them: the first ones are those of a few users.
    queries = load_windows(
        inputs.eval_paths,
        spec,
        rows,
        EVAL_BATCH,
        shuffle_seed=config.seed,
        dislikes=dislikes,
    )
    queries = queries.take(-(-config.max_eval_queries // EVAL_BATCH)).cache()
    recent = []
    if config.optimizer.refit_epochs:
        recent = load_recent_windows(inputs.eval_paths, spec, rows)
    return TrainingData(windows, queries, recent)
