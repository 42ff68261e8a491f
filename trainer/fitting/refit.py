"""The last epochs: on train and eval, at a falling learning rate."""

import dataclasses
import sys
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.config import TrainerConfig
from trainer.fitting.optimization import build_annealing_optimizer
from trainer.inputs.item_table import ItemTable
from trainer.inputs.recent_windows import iterate_batches
from trainer.towers.recommender import Recommender


def add_counts(
    items: ItemTable, windows: Sequence[dict[str, np.ndarray]]
) -> ItemTable:
    """Counts the targets of more windows, so that their items get an id.

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
    windows: tf.data.Dataset,
    recent: Sequence[dict[str, np.ndarray]],
    config: TrainerConfig,
) -> None:
    """Trains on all events before the test split, the newest included.

    The eval split has chosen the epoch by then. A model that never learnt
    from the newest events starts with a handicap in production.

    Args:
        model: the towers; trained further in place.
        windows: batches of the train split, shuffled.
        recent: the eval split, as of `load_recent_windows`.
        config: all settings.
    """
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
    steps = epochs * (num_windows + num_newest)
    model.compile(optimizer=build_annealing_optimizer(config.optimizer, steps))
    model.fit(mixed, epochs=epochs, verbose=1 if sys.stdout.isatty() else 2)


def _load_shuffled(windows, spec, batch_size, padding_row, seed):
    """Batches in an order that is new in each epoch."""
    random = np.random.default_rng(seed)

    def generate():
        order = random.permutation(len(windows))
        shuffled = [windows[at] for at in order]
        yield from iterate_batches(shuffled, batch_size, padding_row)

    return tf.data.Dataset.from_generator(generate, output_signature=spec)
