"""The model as a whole: steps, labels, needs."""

import numpy as np
import tensorflow as tf

from tests.trainer.rank_labels import rank_labels
from trainer.inputs.windows import RowLookup
from trainer.inputs.windows import load_windows


def _first_batch(trained, inputs):
    return next(
        iter(
            load_windows(
                inputs.eval_paths,
                inputs.transform.transformed_feature_spec(),
                RowLookup(list(trained.items.item_ids)),
                8,
            )
        )
    )


def test_label_is_not_seen_by_the_query(trained, training_inputs):
    batch = _first_batch(trained, training_inputs)
    last = batch["rows"].shape[1] - 1
    changed = dict(batch)
    changed["value"] = batch["value"] + tf.one_hot([last] * 8, last + 1) * 9.0
    np.testing.assert_array_equal(
        rank_labels(trained.model, batch), rank_labels(trained.model, changed)
    )


def test_what_was_met_competes_only_where_the_dataset_repeats(
    trained, training_inputs
):
    batch = _first_batch(trained, training_inputs)
    model = trained.model
    met = model.score_catalogue(batch)["met"]
    # The label comes again, so that it was met: no slate would show it.
    again = dict(batch)
    last = tf.reduce_sum(tf.cast(batch["mask"], tf.int32), axis=1) - 1
    label = tf.gather(batch["rows"], last, batch_dims=1)[:, tf.newaxis]
    again["older_rows"] = tf.concat([batch["older_rows"], label], axis=1)
    assert met.shape[1] > 0
    assert set(rank_labels(model, again)) == {model.num_items + 1.0}
    model.repeats = True
    try:
        assert model.score_catalogue(batch)["met"].shape == (len(met), 0)
        assert rank_labels(model, again).max() <= model.num_items
    finally:
        model.repeats = False


def test_loss_counts_targets_only(trained, training_inputs):
    batch = _first_batch(trained, training_inputs)
    none = dict(batch, is_target=tf.zeros_like(batch["is_target"]))
    assert float(trained.model.compute_loss(none)) == 0.0
    assert float(trained.model.compute_loss(batch)) > 0.0
