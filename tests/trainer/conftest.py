"""A made-up world of four genres, ingested, transformed and trained once."""

import dataclasses

import pytest

from tests.trainer.made_up_world import World
from tests.trainer.made_up_world import build_world


@pytest.fixture(scope="session")
def world(tmp_path_factory, tiny_backbone_preset) -> World:
    """The world's artifacts on disk."""
    return build_world(tmp_path_factory.mktemp("world"), tiny_backbone_preset)


@pytest.fixture(scope="session")
def tiny_config(tiny_backbone_preset):
    """A trainer that needs seconds."""
    from trainer.config import OptimizerConfig
    from trainer.config import RetrievalConfig
    from trainer.config import TextBackboneConfig
    from trainer.config import TowerConfig
    from trainer.config import TrainerConfig

    return TrainerConfig(
        backbone=TextBackboneConfig(preset=tiny_backbone_preset),
        towers=TowerConfig(embedding_dim=16, num_blocks=1, dropout=0.1),
        retrieval=RetrievalConfig(num_sampled=32),
        optimizer=OptimizerConfig(
            learning_rate=0.01, warmup_steps=2, batch_size=16, max_epochs=12
        ),
    )


@pytest.fixture(scope="session")
def training_inputs(world, tmp_path_factory):
    """What `train` reads."""
    import tensorflow_transform as tft

    from trainer.training import TrainingInputs

    return TrainingInputs(
        train_paths=[str(world.transformed / "train.gz")],
        eval_paths=[str(world.transformed / "eval.gz")],
        transform=tft.TFTransformOutput(str(world.transform)),
        catalog_path=str(world.catalog),
        vectors_path=str(world.vectors),
        log_path=str(tmp_path_factory.mktemp("model_run")),
    )


@pytest.fixture(scope="session")
def trained(training_inputs, tiny_config):
    """The model after training on the made-up world."""
    from trainer.training import train

    return train(training_inputs, tiny_config)


@pytest.fixture(scope="session")
def serving_module(trained, training_inputs):
    """The funnel in memory, before it is saved."""
    from trainer.serving_model import ServingModel

    return ServingModel(
        trained.model,
        trained.items,
        training_inputs.transform,
        trained.backbone,
    )


@pytest.fixture(scope="session")
def saved_model(serving_module, world, tmp_path_factory) -> str:
    """Folder of the exported SavedModel."""
    from trainer.export import export_model

    folder = str(tmp_path_factory.mktemp("export") / "model")
    export_model(serving_module, str(world.catalog), folder)
    return folder


@pytest.fixture
def make_request():
    """Builds the inputs of `recommend` for one history."""

    def make(history=(), **changes):
        import tensorflow as tf

        length = len(history)
        request = {
            "item_id": tf.constant([list(history)], tf.string),
            "event_type": tf.constant([["rate"] * length], tf.string),
            "timestamp": tf.constant(
                [[1000 + 60 * n for n in range(length)]], tf.int64
            ),
            "value": tf.constant([[4.0] * length], tf.float32),
            "need": tf.constant([""]),
            "scenario": tf.constant([""]),
            "query_time": tf.constant([0], tf.int64),
            "excluded_item_id": tf.zeros([1, 0], tf.string),
            "allowed_categories": tf.zeros([1, 0], tf.string),
            "min_price": tf.constant([float("nan")]),
            "max_price": tf.constant([float("nan")]),
            "exclude_history": tf.constant([True]),
            "k": tf.constant([5]),
        }
        return request | changes

    return make


def with_optimizer(config, **changes):
    """Copies a trainer config with other optimizer settings."""
    optimizer = dataclasses.replace(config.optimizer, **changes)
    return dataclasses.replace(config, optimizer=optimizer)
