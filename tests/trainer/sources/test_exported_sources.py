"""A run whose items are known by everything there is, up to the export."""

import dataclasses
import pathlib

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)
from tensorflow_serving.apis import prediction_log_pb2

from schemas import signatures
from schemas.artifact_files import WARM_UP_FILE
from tests.trainer.conftest import with_optimizer
from tests.trainer.conftest import without_graphs
from trainer.export.export import export_model
from trainer.export.serving_model import ServingModel
from trainer.sources import SOURCES
from trainer.training import train


@pytest.fixture(scope="module")
def folder(training_inputs, tiny_config, world, tmp_path_factory):
    sources = {name: {} for name in SOURCES}
    towers = dataclasses.replace(tiny_config.towers, sources=sources)
    config = dataclasses.replace(tiny_config, towers=towers)
    config = with_optimizer(config, max_epochs=1, refit_epochs=0)
    with without_graphs():
        trained = train(training_inputs, config)
    module = ServingModel(
        trained.model,
        trained.scorer,
        trained.items,
        training_inputs.transform,
        trained.backbone,
    )
    folder = str(tmp_path_factory.mktemp("sources") / "model")
    export_model(module, str(world.catalog), folder)
    return folder


@pytest.fixture(scope="module")
def loaded(folder):
    return tf.saved_model.load(folder).signatures


def test_explanation_names_every_source(loaded, make_request):
    request = make_request(["i12"], candidate_item_id=tf.constant([["i13"]]))
    answer = loaded[signatures.EXPLAIN](
        **{name: request[name] for name in signatures.RANK_INPUTS}
    )
    names = [name.decode() for name in answer["source_names"][0].numpy()]
    assert names == list(SOURCES)
    shares = answer["source_shares"].numpy()[0, 0]
    assert (shares > 0.0).all()
    np.testing.assert_allclose(shares.sum(), 1.0, rtol=1e-5)


def test_new_item_is_read_by_every_source(loaded):
    item = {
        "title": tf.constant(["space ship"]),
        "description": tf.constant([""]),
        "categories": tf.constant([["space ship"]]),
    }
    numbers = [name for source in SOURCES.values() for name in source.inputs]
    unknown = {name: tf.constant([np.nan]) for name in numbers}
    encode = loaded[signatures.ENCODE_ITEMS]
    before = encode(**item, **unknown)["item_embedding"]
    assert np.isfinite(before).all()
    for name in numbers:
        told = unknown | {name: tf.constant([5.0])}
        after = encode(**item, **told)["item_embedding"]
        assert np.abs(after - before).max() > 1e-4


def test_every_request_of_the_warm_up_is_answered(folder, loaded):
    path = str(pathlib.Path(folder) / WARM_UP_FILE)
    answered = set()
    for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        request = log.predict_log.request
        name = request.model_spec.signature_name
        inputs = {
            key: tf.constant(tf.make_ndarray(tensor), tensor.dtype)
            for key, tensor in request.inputs.items()
        }
        answer = loaded[name](**inputs)
        assert {len(output) for output in answer.values()} == {1}
        answered.add(name)
    assert signatures.ENCODE_ITEMS in answered
