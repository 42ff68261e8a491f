"""The hook leaves a SavedModel where TFX looks for it."""

import types

import tensorflow as tf
from pydantic import TypeAdapter

from schemas import signatures
from tests.trainer.conftest import with_optimizer
from trainer.config import TrainerConfig
from trainer.run_fn import run_fn


def test_run_fn_exports_what_a_server_loads(world, tiny_config, tmp_path):
    config = with_optimizer(tiny_config, max_epochs=1)
    run_fn(
        types.SimpleNamespace(
            train_files=[str(world.transformed / "train*")],
            eval_files=[str(world.transformed / "eval*")],
            transform_graph_path=str(world.transform),
            model_run_dir=str(tmp_path / "run"),
            serving_model_dir=str(tmp_path / "model"),
            custom_config={
                "config": TypeAdapter(TrainerConfig).dump_json(config),
                "catalog_uri": str(world.catalog),
                "item_vectors_uri": str(world.vectors),
            },
        )
    )
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert set(loaded.signatures) == set(signatures.OUTPUTS)
