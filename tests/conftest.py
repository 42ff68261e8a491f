"""Shared fixtures: everything a test reads is made up on the fly."""

import os
import shutil
from pathlib import Path

import hypothesis
import pytest

import schemas  # noqa: F401  sets the Keras environment before TensorFlow
from tests.trainer.made_up_world import World
from tests.trainer.made_up_world import build_world

_SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WORDS = (
    "a an the of and in for red blue green big small old new man woman dog cat "
    "house river night day love war star space ship king queen heat toy story "
    "drama comedy action horror crime animation children romance thriller"
)

# The same examples on every machine, none of which fails for being slow.
# FUZZ_EXAMPLES=1000 looks for rarer faults.
FUZZ_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
hypothesis.settings.register_profile(
    "suite",
    max_examples=FUZZ_EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("suite")


# What takes a minute to make, and the group of tests that shares it.
_COSTLY_FIXTURES = {"finished_run": "pipeline", "world": "trainer"}
_LONGEST_GROUPS = {
    *_COSTLY_FIXTURES.values(),
    "benchmarks/quality",
    "trainer/backbone/adaptation",
}


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups tests by folder or costly fixture; the longest groups first.

    A group runs in one process, so that its fixtures are made once.
    """
    groups = {item: _choose_group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: groups[item] not in _LONGEST_GROUPS)


def _choose_group(item: pytest.Item) -> str:
    for name, group in _COSTLY_FIXTURES.items():
        if name in item.fixturenames:
            return group
    folder = item.path.parent.relative_to(Path(__file__).parent)
    return "/".join(folder.parts[:3])


@pytest.fixture(scope="session")
def tiny_backbone_preset(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Makes a random one-layer BERT preset.

    Returns:
        Folder in Keras style: a preset for `TextBackboneConfig`, 16 wide.
    """
    import keras
    import keras_hub

    keras.utils.set_random_seed(7)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,()':-"
    vocabulary = [*_SPECIAL_TOKENS, *_WORDS.split()]
    vocabulary += [c for c in letters if c not in vocabulary]
    vocabulary += [f"##{c}" for c in letters[:36]]
    folder = tmp_path_factory.mktemp("tiny_backbone")
    keras_hub.models.BertBackbone(
        vocabulary_size=len(vocabulary),
        num_layers=1,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        max_sequence_length=64,
    ).save_to_preset(str(folder))
    keras_hub.models.BertTokenizer(
        vocabulary=vocabulary, lowercase=True
    ).save_to_preset(str(folder))
    return str(folder)


@pytest.fixture(scope="session")
def recommender_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy SavedModel with every signature: see tiny_recommender.py."""
    from tests.serving.tiny_recommender import export_tiny_recommender

    return export_tiny_recommender(tmp_path_factory.mktemp("model") / "healthy")


@pytest.fixture(scope="session")
def nan_recommender_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, except that every score is NaN."""
    from tests.serving.tiny_recommender import export_tiny_recommender

    return export_tiny_recommender(
        tmp_path_factory.mktemp("model") / "nan", scale=float("nan")
    )


@pytest.fixture(scope="session")
def slow_recommender_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, except that every answer takes 0.4 s."""
    from tests.serving.tiny_recommender import export_tiny_recommender

    return export_tiny_recommender(
        tmp_path_factory.mktemp("model") / "slow", delay_seconds=0.4
    )


@pytest.fixture(scope="session")
def broken_recommender_model(
    recommender_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy of the healthy model that lost its saved_model.pb."""
    path = tmp_path_factory.mktemp("model") / "broken"
    shutil.copytree(recommender_model, path)
    (path / "saved_model.pb").unlink()
    return path


@pytest.fixture(scope="session")
def world(tmp_path_factory, tiny_backbone_preset) -> World:
    """Artifacts of a made-up world of four genres, see made_up_world.py."""
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

    from trainer.inputs.training_data import TrainingInputs

    return TrainingInputs(
        train_paths=[str(world.transformed / "train.gz")],
        eval_paths=[str(world.transformed / "eval.gz")],
        transform=tft.TFTransformOutput(str(world.transform)),
        catalog_path=str(world.catalog),
        vectors_path=str(world.vectors),
        log_path=str(tmp_path_factory.mktemp("model_run")),
        repeats=False,
    )


@pytest.fixture(scope="session")
def trained(training_inputs, tiny_config):
    """The model after training on the made-up world."""
    from trainer.training import train

    return train(training_inputs, tiny_config)


@pytest.fixture(scope="session")
def serving_module(trained, training_inputs):
    """The funnel in memory, before it is saved."""
    from trainer.export.serving_model import ServingModel

    return ServingModel(
        trained.model,
        trained.scorer,
        trained.items,
        training_inputs.transform,
        trained.backbone,
    )


@pytest.fixture(scope="session")
def saved_model(serving_module, world, tmp_path_factory) -> str:
    """Folder of the exported SavedModel."""
    from trainer.export.export import export_model

    folder = str(tmp_path_factory.mktemp("export") / "model")
    export_model(serving_module, str(world.catalog), folder)
    return folder
