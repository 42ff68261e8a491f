"""The hook leaves a SavedModel where TFX looks for it."""

import dataclasses
import types

import numpy as np
import pytest
import tensorflow as tf
from pydantic import TypeAdapter

from schemas import signatures
from schemas.model_facts import read_model_facts
from tests.trainer.conftest import with_optimizer
from trainer.config import TrainerConfig
from trainer.export.serving_model import ServingModel
from trainer.run_fn import run_fn
from trainer.training import train


@pytest.mark.e2e  # trains twice
def test_run_fn_exports_the_model_that_the_seed_gives(
    world, training_inputs, serving_module, tiny_config, make_request, tmp_path
):
    config = with_optimizer(tiny_config, max_epochs=1, refit_epochs=0)
    run_fn(
        types.SimpleNamespace(
            train_files=[str(world.transformed / "train*")],
            eval_files=[str(world.transformed / "eval*")],
            transform_graph_path=str(world.transform),
            model_run_dir=str(tmp_path / "run"),
            serving_model_dir=str(tmp_path / "model"),
            custom_config={
                "config": TypeAdapter(TrainerConfig).dump_json(config),
                "repeats": True,
                "catalog_uri": str(world.catalog),
                "item_vectors_uri": str(world.vectors),
            },
        )
    )
    assert read_model_facts(tmp_path / "model").repeats
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert set(loaded.signatures) == set(signatures.OUTPUTS)
    request = make_request(("i12", "i13"))
    request = {name: request[name] for name in signatures.QUERY_INPUTS}
    exported = loaded.signatures[signatures.ENCODE_QUERY](**request)
    trained = train(dataclasses.replace(training_inputs, repeats=True), config)
    again = ServingModel(
        trained.model,
        trained.scorer,
        trained.items,
        training_inputs.transform,
        trained.backbone,
    ).encode_query(request)
    longer = serving_module.encode_query(request)
    for name, vector in exported.items():
        # Once in many runs, on a busy machine, the last digits differ
        # although operations are deterministic (TensorFlow 2.21 with oneDNN).
        apart = np.abs(vector - again[name]).max()
        assert apart < 0.1 * np.abs(vector - longer[name]).max()
