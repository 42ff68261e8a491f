"""Training on the made-up world: it learns, stops, logs, repeats."""

import dataclasses
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.bfloat16 import require_bfloat16
from tests.trainer.conftest import with_optimizer
from tests.trainer.conftest import without_graphs
from trainer.config import AdaptationConfig
from trainer.fitting.optimization import build_strategy
from trainer.inputs.item_table import load_item_table
from trainer.inputs.training_data import load_training_data
from trainer.training import count_items
from trainer.training import fit_towers
from trainer.training import train


def test_towers_learn_the_circles_people_walk(trained):
    # 12 items a genre: a guess within the right genre finds the next item
    # among the first ten in about 10 of 12 cases, and at rank 1 in 1 of 12;
    # random order over 12 would give an NDCG@10 near 0.38.
    assert max(trained.history["val_ndcg_at_10"]) > 0.6


def _fit_towers(inputs, config):
    """Trains as far as the eval split lets; returns model, history, data."""
    items = load_item_table(
        inputs.catalog_path, inputs.vectors_path, count_items(inputs.transform)
    )
    data = load_training_data(items, inputs, config)
    strategy = build_strategy(config.optimizer)
    tf.keras.utils.set_random_seed(config.seed)
    model, history = fit_towers(items, data, inputs, config, strategy)
    return model, history["val_ndcg_at_10"], data


def test_best_weights_are_restored_before_the_refit(
    training_inputs, tiny_config
):
    # So fast that it soon gets worse: the best epoch is not the last one.
    fast = with_optimizer(tiny_config, learning_rate=0.1, patience=3)
    model, judged, data = _fit_towers(training_inputs, fast)
    assert np.argmax(judged) < len(judged) - 1
    assert min(judged) < max(judged) - 0.01
    again = model.evaluate(data.queries, return_dict=True, verbose=0)
    assert again["ndcg_at_10"] == pytest.approx(max(judged), abs=1e-5)


def test_towers_know_nothing_of_the_eval_split_that_judges_them(
    training_inputs, tiny_config, tmp_path
):
    # Half of the queries: other counts of targets, had they been counted.
    path = str(tmp_path / "half.gz")
    records = tf.data.TFRecordDataset(training_inputs.eval_paths, "GZIP")
    with tf.io.TFRecordWriter(path, "GZIP") as writer:
        for record in records.take(24):
            writer.write(record.numpy())
    half = dataclasses.replace(training_inputs, eval_paths=[path])
    short = with_optimizer(tiny_config, max_epochs=1)
    with without_graphs():
        first, _, _ = _fit_towers(training_inputs, short)
        second, _, _ = _fit_towers(half, short)
    np.testing.assert_allclose(
        first.encode_items(), second.encode_items(), atol=1e-5
    )


def test_log_holds_curves_rates_and_titles_alone(trained, training_inputs):
    from tensorboard.backend.event_processing import event_accumulator

    folder = pathlib.Path(training_inputs.log_path)
    tags = {}
    for name in ("train", "validation"):
        events = event_accumulator.EventAccumulator(str(folder / name))
        events.Reload()
        tags[name] = events.Tags()
    assert {"epoch_loss", "epoch_learning_rate"} <= set(
        tags["train"]["tensors"]
    )
    assert "epoch_ndcg_at_10" in tags["validation"]["tensors"]
    # TensorBoard opens on what comes first: nothing but curves.
    assert all(
        tag.startswith(("epoch_", "evaluation_", "keras"))
        for found in tags.values()
        for tag in found["tensors"]
    )
    beside_events = folder / "train"  # the projector looks nowhere else
    titles = (beside_events / "titles.tsv").read_text().splitlines()
    vectors = (beside_events / "items.tsv").read_text().splitlines()
    assert titles[0].startswith("title\t")
    assert len(titles) == len(vectors) + 1 == 49


@pytest.fixture(scope="module")
def adapted(training_inputs, tiny_config):
    """A backbone adapted by LoRA, then half precision under a strategy."""
    require_bfloat16()
    config = dataclasses.replace(
        with_optimizer(
            tiny_config,
            max_epochs=1,
            refit_epochs=0,
            strategy="mirrored",
            mixed_precision=True,
        ),
        adaptation=AdaptationConfig(
            method="lora", num_steps=5, batch_size=8, learning_rate=0.05
        ),
    )
    return train(training_inputs, config)


def test_lora_changes_the_text_vectors_before_the_towers(adapted, trained):
    assert adapted.backbone.fingerprint != trained.backbone.fingerprint
    difference = adapted.items.text_vectors - trained.items.text_vectors
    assert np.abs(difference).max() > 1e-4


def test_half_precision_trains_and_answers_in_float32(adapted):
    assert adapted.model.encode_items().dtype == "float32"
    assert np.isfinite(adapted.model.encode_items()).all()


def test_training_that_diverges_ends_with_its_cause(
    training_inputs, tiny_config
):
    wild = with_optimizer(tiny_config, learning_rate=1e25, warmup_steps=0)
    with pytest.raises(FloatingPointError) as caught, without_graphs():
        train(training_inputs, wild)
    assert "Training of the towers" in str(caught.value)
    assert "learning_rate=1e+25" in str(caught.value)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_empty_split_is_refused(split, training_inputs, tiny_config, tmp_path):
    path = str(tmp_path / "empty.gz")
    tf.io.TFRecordWriter(path, "GZIP").close()
    empty = dataclasses.replace(training_inputs, **{f"{split}_paths": [path]})
    with pytest.raises(ValueError, match=f"The {split} split must hold"):
        train(empty, tiny_config)


def test_training_leaves_the_process_as_it_was(trained):
    # Forbidden while operations must be deterministic.
    assert float(tf.timestamp()) > 0.0
