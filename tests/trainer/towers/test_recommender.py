"""The model as a whole: steps, labels, needs."""

import numpy as np
import tensorflow as tf

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
    ranks = trained.model.rank_labels(batch)
    np.testing.assert_array_equal(ranks, trained.model.rank_labels(changed))


def test_loss_counts_targets_only(trained, training_inputs):
    batch = _first_batch(trained, training_inputs)
    none = dict(batch, is_target=tf.zeros_like(batch["is_target"]))
    assert float(trained.model.compute_loss(none)) == 0.0
    assert float(trained.model.compute_loss(batch)) > 0.0
