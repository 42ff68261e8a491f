"""The last epochs on train and eval."""

from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.conftest import with_optimizer
from tests.trainer.conftest import without_graphs
from tests.trainer.made_up_world import COLD_ITEM
from tests.trainer.rank_labels import rank_labels
from trainer.fitting.optimization import build_strategy
from trainer.fitting.refit import add_counts
from trainer.fitting.refit import refit_towers
from trainer.inputs.item_table import load_item_table
from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.training_data import load_training_data
from trainer.towers.recommender import Recommender
from trainer.training import count_items
from trainer.training import fit_towers

_EPOCHS = 4  # of the last training


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
    return with_optimizer(
        tiny_config, learning_rate=0.03, max_epochs=1, refit_epochs=_EPOCHS
    )


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


class Refitted(NamedTuple):
    """Towers before and after their last epochs.

    Attributes:
        model: the towers after them.
        losses: of each epoch.
        stopped_vectors: items as the eval split left them.
        grown_vectors: the same after an epoch that teaches nothing.
        weights: all variables then, by `id`.
        ranks: mean rank of the cold item before and after.
    """

    model: Recommender
    losses: list[float]
    stopped_vectors: np.ndarray
    grown_vectors: np.ndarray
    weights: dict[int, np.ndarray]
    ranks: tuple[float, float]


@pytest.fixture(scope="module")
def refitted(items, data, training_inputs, config):
    """Towers that the eval split has stopped, then trained on it.

    All that people ask for in it is an item that nobody met before.
    """
    row = list(items.item_ids).index(COLD_ITEM)
    recent = _ask_for(row, data.recent)
    counted = add_counts(items, recent)
    [batch] = iterate_batches(recent, 128, items.num_items)
    batch = {name: tf.constant(value) for name, value in batch.items()}
    tf.keras.utils.set_random_seed(config.seed)
    strategy = build_strategy(config.optimizer)
    with without_graphs():
        model, _ = fit_towers(items, data, training_inputs, config, strategy)
        before = rank_labels(model, batch).mean()
        stopped_vectors = model.encode_items().numpy()
        nothing = with_optimizer(
            config, refit_epochs=1, learning_rate=1e-30, weight_decay=0.0
        )
        refit_towers(model, counted, data.windows, recent, nothing)
        grown_vectors = model.encode_items().numpy()
        weights = {id(one): one.numpy() for one in model.variables}
        fitted = refit_towers(model, counted, data.windows, recent, config)
        after = rank_labels(model, batch).mean()
    return Refitted(
        model=model,
        losses=fitted.history["loss"],
        stopped_vectors=stopped_vectors,
        grown_vectors=grown_vectors,
        weights=weights,
        ranks=(before, after),
    )


def _ask_for(row, windows):
    """The windows, each with one item in the place of its newest target."""
    changed = []
    for window in windows:
        rows = window["rows"].copy()
        rows[-1] = row
        changed.append(window | {"rows": rows})
    return changed


def test_all_that_can_learn_learns_and_nothing_else_moves(refitted):
    model, before = refitted.model, refitted.weights
    learning = {id(v) for v in model.trainable_variables}
    assert learning <= before.keys()
    for variable in model.variables:
        if id(variable) in before and variable.dtype != tf.string:
            moved = not np.array_equal(before[id(variable)], variable.numpy())
            metric = variable.name in ("total:0", "count:0")
            assert metric or moved == (id(variable) in learning), variable.name


def test_an_item_of_the_eval_split_alone_is_learnt(refitted):
    # Nobody met it in the train split, everybody does in this eval split.
    before, after = refitted.ranks
    assert after < before / 2


def test_learning_rate_falls_to_nothing(refitted, config):
    optimizer = refitted.model.optimizer
    # 48 windows and 48 queries in batches of 16 are 6 steps an epoch.
    assert int(optimizer.iterations) == _EPOCHS * 6
    # What the last of 24 steps used; one more would use nothing.
    last = config.optimizer.learning_rate / (_EPOCHS * 6)
    assert float(optimizer.learning_rate) == pytest.approx(last)
    assert len(refitted.losses) == _EPOCHS


def test_scores_are_the_same_until_the_refit_trains(refitted):
    np.testing.assert_allclose(
        refitted.grown_vectors, refitted.stopped_vectors, atol=1e-6
    )
