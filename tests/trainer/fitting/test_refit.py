"""The last epochs on train and eval."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.conftest import with_optimizer
from tests.trainer.made_up_world import COLD_ITEM
from tests.trainer.rank_labels import rank_labels
from trainer.fitting.optimization import build_strategy
from trainer.fitting.refit import add_counts
from trainer.fitting.refit import refit_towers
from trainer.inputs.item_table import load_item_table
from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.training_data import load_training_data
from trainer.training import count_items
from trainer.training import fit_towers

_EPOCHS = 2  # of the last training


def test_items_of_the_eval_split_are_counted(items):
    windows = [
        {
            "rows": np.array([1, 2, items.num_items], np.int32),
            "is_target": np.array([False, True, True]),
        }
    ]
    more = add_counts(items, windows).counts - items.counts
    assert more.nonzero()[0].tolist() == [2]


def test_nothing_more_changes_nothing(items):
    same = add_counts(items, [])
    assert same.counts.tolist() == items.counts.tolist()


@pytest.fixture(scope="module")
def config(tiny_config):
    return with_optimizer(tiny_config, max_epochs=3, refit_epochs=_EPOCHS)


@pytest.fixture(scope="module")
def data(items, training_inputs, config):
    return load_training_data(items, training_inputs, config)


@pytest.fixture(scope="module")
def items(training_inputs):
    """The catalogue as the train split knows it."""
    return load_item_table(
        training_inputs.catalog_path,
        training_inputs.vectors_path,
        count_items(training_inputs.transform),
    )


@pytest.fixture
def stopped(items, data, training_inputs, config):
    """Towers that the eval split has stopped, not yet trained on it."""
    tf.keras.utils.set_random_seed(config.seed)
    strategy = build_strategy(config.optimizer)
    model, _ = fit_towers(items, data, training_inputs, config, strategy)
    return model


def _refit(model, items, data, recent, config):
    counted = add_counts(items, recent)
    return refit_towers(model, counted, data.windows, recent, config)


def _ask_for(row, windows):
    """The windows, each with one item in the place of its newest target."""
    changed = []
    for window in windows:
        rows = window["rows"].copy()
        rows[-1] = row
        changed.append(window | {"rows": rows})
    return changed


def test_all_that_can_learn_learns_and_nothing_else_moves(
    stopped, items, data, config
):
    before = {id(v): v.numpy() for v in stopped.variables}
    learning = {id(v) for v in stopped.trainable_variables}
    _refit(stopped, items, data, data.recent, config)
    for variable in stopped.variables:
        if id(variable) in before and variable.dtype != tf.string:
            moved = not np.array_equal(before[id(variable)], variable.numpy())
            metric = variable.name in ("total:0", "count:0")
            assert metric or moved == (id(variable) in learning), variable.name


def test_an_item_of_the_eval_split_alone_is_learnt(
    stopped, items, data, config
):
    row = list(items.item_ids).index(COLD_ITEM)
    recent = _ask_for(row, data.recent)
    [batch] = iterate_batches(recent, 128, items.num_items)
    batch = {name: tf.constant(value) for name, value in batch.items()}
    before = rank_labels(stopped, batch).mean()
    longer = with_optimizer(config, refit_epochs=10)
    _refit(stopped, items, data, recent, longer)
    # Nobody met it in the train split, everybody does in this eval split.
    assert rank_labels(stopped, batch).mean() < before / 2


def test_learning_rate_falls_to_nothing(stopped, items, data, config):
    history = _refit(stopped, items, data, data.recent, config)
    optimizer = stopped.optimizer
    # 48 windows and 48 queries in batches of 16 are 6 steps an epoch.
    assert int(optimizer.iterations) == _EPOCHS * 6
    # What the last of 12 steps used; one more would use nothing.
    last = config.optimizer.learning_rate / (_EPOCHS * 6)
    assert float(optimizer.learning_rate) == pytest.approx(last)
    assert len(history.history["loss"]) == _EPOCHS


def test_scores_are_the_same_until_the_refit_trains(
    stopped, items, data, config
):
    before = stopped.encode_items().numpy()
    row = list(items.item_ids).index(COLD_ITEM)
    frozen = dataclasses.replace(
        config.optimizer, learning_rate=1e-30, weight_decay=0.0
    )
    _refit(
        stopped,
        items,
        data,
        _ask_for(row, data.recent),
        dataclasses.replace(config, optimizer=frozen),
    )
    np.testing.assert_allclose(stopped.encode_items(), before, atol=1e-6)
