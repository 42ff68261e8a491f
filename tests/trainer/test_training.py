"""Training on the made-up world: it learns, stops, logs, repeats."""

import dataclasses
import pathlib

import numpy as np
import pytest

from tests.trainer.conftest import with_optimizer
from trainer.config import AdaptationConfig
from trainer.training import train


def test_towers_learn_the_circles_people_walk(trained):
    # 12 items a genre: a guess within the right genre finds the next item
    # among the first ten in about 10 of 12 cases, and at rank 1 in 1 of 12;
    # random order over 12 would give an NDCG@10 near 0.38.
    assert max(trained.history["val_ndcg_at_10"]) > 0.6


def test_best_weights_are_restored(trained, training_inputs):
    from trainer.inputs.windows import RowLookup
    from trainer.inputs.windows import load_windows

    queries = load_windows(
        training_inputs.eval_paths,
        training_inputs.transform.transformed_feature_spec(),
        RowLookup(list(trained.items.item_ids)),
        64,
    )
    again = trained.model.evaluate(queries, return_dict=True, verbose=0)
    best = max(trained.history["val_ndcg_at_10"])
    assert again["ndcg_at_10"] == pytest.approx(best, abs=1e-5)


def test_log_holds_curves_rates_histograms_and_titles(trained, training_inputs):
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
    assert any("query_tower" in tag for tag in tags["train"]["tensors"])
    beside_events = folder / "train"  # the projector looks nowhere else
    titles = (beside_events / "titles.tsv").read_text().splitlines()
    vectors = (beside_events / "items.tsv").read_text().splitlines()
    assert titles[0].startswith("title\t")
    assert len(titles) == len(vectors) + 1 == 49


@pytest.fixture(scope="module")
def adapted(training_inputs, tiny_config):
    """A backbone adapted by LoRA, then half precision under a strategy."""
    config = dataclasses.replace(
        with_optimizer(
            tiny_config, max_epochs=1, strategy="mirrored", mixed_precision=True
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


@pytest.mark.parametrize("split", ["train", "eval"])
def test_empty_split_is_refused(split, training_inputs, tiny_config, tmp_path):
    import tensorflow as tf

    path = str(tmp_path / "empty.gz")
    tf.io.TFRecordWriter(path, "GZIP").close()
    empty = dataclasses.replace(training_inputs, **{f"{split}_paths": [path]})
    with pytest.raises(ValueError, match=f"The {split} split must hold"):
        train(empty, tiny_config)


def test_training_leaves_the_process_as_it_was(trained):
    import tensorflow as tf

    # Forbidden while operations must be deterministic.
    assert float(tf.timestamp()) > 0.0
