"""The last epochs: on train and eval, at a falling learning rate."""

import dataclasses
import sys
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.config import TrainerConfig
from trainer.fitting.divergence_guard import DivergenceGuard
from trainer.fitting.optimization import build_annealing_optimizer
from trainer.inputs.item_table import ItemTable
from trainer.inputs.recent_windows import iterate_batches
from trainer.towers.recommender import Recommender


def add_counts(
    items: ItemTable, windows: Sequence[dict[str, np.ndarray]]
) -> ItemTable:
    """Counts the targets of more windows.

    Only once these windows have judged: a model that knows which items they
    hold is not asked anything new.

    Args:
        items: the catalogue as the train split knows it.
        windows: as of `load_recent_windows`.

    Returns:
        The catalogue with both counts added.
    """
    rows = [window["rows"][window["is_target"]] for window in windows]
    rows = np.concatenate([np.zeros(0, np.int32), *rows])
    more = np.bincount(rows[rows < items.num_items], minlength=items.num_items)
    return dataclasses.replace(items, counts=items.counts + more)


def refit_towers(
    model: Recommender,
    items: ItemTable,
    windows: tf.data.Dataset,
    recent: Sequence[dict[str, np.ndarray]],
    config: TrainerConfig,
) -> tf.keras.callbacks.History:
    """Trains on all events before the test split, the newest included.

    The eval split has chosen the epoch by then. A model that never learnt
    from the newest events starts with a handicap in production.

    Args:
        model: the towers; trained further in place.
        items: the catalogue, `recent` counted.
        windows: batches of the train split, shuffled.
        recent: the eval split, as of `load_recent_windows`.
        config: all settings.

    Returns:
        The loss of each epoch.
    """
    model.update_counts(items.counts)
    size = config.optimizer.batch_size
    epochs = config.optimizer.refit_epochs
    newest = _load_shuffled(
        recent, windows.element_spec, size, model.num_items, config.seed
    )
    num_newest = -(-len(recent) // size)
    num_windows = int(windows.reduce(0, lambda count, _: count + 1))
    mixed = tf.data.Dataset.sample_from_datasets(
        [windows, newest],
        weights=[float(num_windows), float(num_newest)],
        seed=config.seed,
        stop_on_empty_dataset=False,
    )
    num_steps = num_windows + num_newest
    # Or Keras looks for one step more, which moves the optimizer's counter.
    mixed = mixed.apply(tf.data.experimental.assert_cardinality(num_steps))
    model.compile(
        optimizer=build_annealing_optimizer(
            config.optimizer, epochs * num_steps
        )
    )
    return model.fit(
        mixed,
        epochs=epochs,
        callbacks=[DivergenceGuard("the last epochs", config.optimizer)],
        verbose=1 if sys.stdout.isatty() else 2,
    )


def _load_shuffled(windows, spec, batch_size, padding_row, seed):
    """Batches in an order that is new in each epoch."""
    random = np.random.default_rng(seed)

    def generate():
        order = random.permutation(len(windows))
        shuffled = [windows[at] for at in order]
        yield from iterate_batches(shuffled, batch_size, padding_row)

    return tf.data.Dataset.from_generator(generate, output_signature=spec)
