"""Trains backbone and towers from transformed examples."""

import contextlib
import dataclasses
import logging
import pathlib
import sys
from dataclasses import dataclass

import pyarrow.parquet as pq
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow.python.framework.config import disable_op_determinism

from schemas.artifact_files import CATALOG_FILE
from schemas.item_text import compose_item_text
from trainer import preprocessing
from trainer.backbone.adaptation import adapt_backbone
from trainer.backbone.adaptation import build_text_pairs
from trainer.backbone.adaptation import read_behavior_windows
from trainer.backbone.backbone_traits import list_whole_words
from trainer.backbone.text_backbone import TextBackbone
from trainer.backbone.text_backbone import encode_texts
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TrainerConfig
from trainer.fitting.divergence_guard import DivergenceGuard
from trainer.fitting.optimization import build_optimizer
from trainer.fitting.optimization import build_strategy
from trainer.fitting.refit import add_counts
from trainer.fitting.refit import refit_towers
from trainer.fitting.training_log import LearningRateLog
from trainer.fitting.training_log import write_projector
from trainer.inputs.item_table import ItemTable
from trainer.inputs.item_table import load_item_table
from trainer.inputs.training_data import TrainingData
from trainer.inputs.training_data import TrainingInputs
from trainer.inputs.training_data import load_training_data
from trainer.needs.made_needs import MadeNeeds
from trainer.needs.need_fitting import NeedTrainer
from trainer.needs.need_scorer import NeedScorer
from trainer.scoring.query_scorer import QueryScorer
from trainer.scoring.scorer_fitting import fit_scorers
from trainer.sources import list_columns
from trainer.towers.recommender import Recommender

_MONITORED = "val_ndcg_at_10"


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """The result of training.

    Attributes:
        model: the towers and tasks, with the best weights.
        scorer: the blend that orders the catalogue, and what needs add.
        items: the catalogue, text vectors of the adapted backbone.
        backbone: the backbone that made them.
        history: metric name to one value per epoch.
    """

    model: Recommender
    scorer: QueryScorer
    items: ItemTable
    backbone: TextBackbone
    history: dict[str, list[float]]


def train(inputs: TrainingInputs, config: TrainerConfig) -> TrainedModel:
    """Adapts the backbone, encodes the catalogue, trains the towers.

    Args:
        inputs: what the earlier stages made.
        config: all settings.

    Returns:
        The model with the weights of its best epoch.

    Raises:
        ValueError: the train or the eval split is empty.
        FloatingPointError: the training diverged.
    """
    for split in ("train", "eval"):
        if _is_empty(getattr(inputs, f"{split}_paths")):
            raise ValueError(
                f"The {split} split must hold at least one example: training"
                " learns from `train` and stops by `eval`. Received: none."
                " Check the pipeline's `splits` and what ingest rejected."
            )
    with _reproducible(config.seed):
        return _train(inputs, config)


def _train(inputs, config):
    backbone = load_text_backbone(config.backbone)
    items = load_item_table(
        inputs.catalog_path,
        inputs.vectors_path,
        count_items(inputs.transform),
        list_columns(config.towers),
    )
    if config.adaptation.is_learning:
        items = _adapt(backbone, items, inputs, config)
    data = load_training_data(items, inputs, config)
    strategy = build_strategy(config.optimizer)
    model, history = fit_towers(items, data, inputs, config, strategy)
    # Not before: the eval split has judged by now.
    items = add_counts(items, data.recent)
    scorers = fit_scorers(model, items, data, config)
    needs = NeedScorer(
        items,
        model.candidate_tower.text_vectors,
        list_whole_words(backbone.tokenizer),
        config.needs,
    )
    made = MadeNeeds(items, scorers.train, config.seed)
    NeedTrainer(model, scorers.held_out, backbone, made, config).fit(
        needs, data.queries
    )
    if data.recent:
        with strategy.scope():
            refit_towers(model, items, data.windows, data.recent, config)
    write_projector(
        # The projector looks beside event files only.
        str(pathlib.Path(inputs.log_path) / "train"),
        items,
        _read_titles(inputs.catalog_path),
        model.encode_items().numpy(),
    )
    return TrainedModel(
        model=model,
        scorer=QueryScorer(scorers.served, needs),
        items=items,
        backbone=backbone,
        history=history,
    )


def fit_towers(
    items: ItemTable,
    data: TrainingData,
    inputs: TrainingInputs,
    config: TrainerConfig,
    strategy: tf.distribute.Strategy,
) -> tuple[Recommender, dict[str, list[float]]]:
    """Trains towers until the eval split says that they get no better.

    Args:
        items: the catalogue; its counts are those of the train split.
        data: the train split to learn from, the eval split to judge by.
        inputs: where the logs go, and the vocabularies.
        config: all settings.
        strategy: where the variables are.

    Returns:
        The model with the weights of its best epoch, and metric name to one
        value per epoch.
    """
    with strategy.scope():
        model = Recommender(
            items, _sizes(inputs.transform), config, inputs.repeats
        )
        model.compile(optimizer=build_optimizer(config.optimizer))
    history = model.fit(
        data.windows,
        epochs=config.optimizer.max_epochs,
        validation_data=data.queries,
        callbacks=_build_callbacks(inputs.log_path, config.optimizer),
        # A progress bar on a terminal, a line per epoch in a log.
        verbose=1 if sys.stdout.isatty() else 2,
    )
    return model, history.history


@contextlib.contextmanager
def _reproducible(seed):
    """Seeds all generators and forbids operations that are not repeatable.

    The setting holds for the whole process: if it stayed on, later stages of a
    local run could not read a clock inside a graph.
    """
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        yield
    finally:
        disable_op_determinism()


def _is_empty(paths):
    """Whether gzip TFRecord files hold no record at all."""
    if not paths:
        return True
    records = tf.data.TFRecordDataset(sorted(paths), compression_type="GZIP")
    return not any(True for _ in records.take(1))


def _adapt(backbone, items, inputs, config):
    """Adapts the backbone to behaviour, then encodes all items again."""
    catalog = pq.read_table(pathlib.Path(inputs.catalog_path) / CATALOG_FILE)
    texts = [
        compose_item_text(row["title"], row["description"], row["categories"])
        for row in catalog.to_pylist()
    ]
    pairs = build_text_pairs(
        read_behavior_windows(inputs.train_paths, inputs.transform),
        dict(zip(items.item_ids, texts, strict=True)),
        config.adaptation,
        config.seed,
    )
    writer = tf.summary.create_file_writer(inputs.log_path)
    report = adapt_backbone(
        backbone, pairs, config.adaptation, config.seed, writer
    )
    logging.info(
        "Adapted %d parameters; the loss fell from %.3f to %.3f.",
        report.num_trainable_parameters,
        report.losses[0],
        report.losses[-1],
    )
    vectors = encode_texts(backbone, texts, config.backbone.batch_size)
    return dataclasses.replace(items, text_vectors=vectors)


def count_items(transform: tft.TFTransformOutput) -> dict[str, int]:
    """Counts the target events of each item in the train split, by id."""
    path = transform.vocabulary_file_by_name(preprocessing.ITEM_VOCABULARY)
    counts = {}
    for record in tf.data.TFRecordDataset(path, compression_type="GZIP"):
        count, item_id = record.numpy().split(b" ", 1)
        counts[item_id.decode()] = int(count)
    return counts


def _sizes(transform):
    """Rows of the small embeddings; one more than known names each."""

    def size(name):
        return transform.vocabulary_size_by_name(name) + 1

    return {
        "event_types": size(preprocessing.EVENT_TYPE_VOCABULARY),
        "scenarios": size(preprocessing.SCENARIO_VOCABULARY),
        "gaps": preprocessing.NUM_GAP_BUCKETS + 1,
        "profiles": size(preprocessing.PROFILE_VOCABULARY) + 1,
    }


def _read_titles(catalog_path):
    table = pq.read_table(pathlib.Path(catalog_path) / CATALOG_FILE)
    return table["title"].to_pylist()


def _build_callbacks(log_path, config):
    return [
        DivergenceGuard("the towers", config),  # before what reads metrics
        LearningRateLog(log_path),
        # No histograms of weights: TensorBoard would show them first.
        tf.keras.callbacks.TensorBoard(log_path, write_graph=False),
        tf.keras.callbacks.EarlyStopping(
            monitor=_MONITORED,
            mode="max",
            patience=config.patience,
            restore_best_weights=True,
        ),
    ]
