"""Towers trained for a few epochs over given text vectors."""

from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries

_WINDOW = 50  # events
_BATCH = 32
_SEED = 42
_SIZES = {"event_types": 2, "gaps": 17, "scenarios": 2, "profiles": 1}


def rank_last_items(
    vectors: np.ndarray,
    train: Interactions,
    queries: Queries,
    num_epochs: int,
) -> np.ndarray:
    """Trains a `Recommender` on plain sequences and ranks the answers.

    Events are items in their order, without ratings and gaps; items have
    text and id, no categories. So the figures compare text vectors, and are
    below those of `benchmarks.quality`.

    Args:
        vectors: float32 `[I, T]`, unit length.
        train: the training part.
        queries: one target each.
        num_epochs: over windows of 50 events; no early stopping.

    Returns:
        float64 `[Q]`, 1 / log2(rank + 1) up to rank 10, else 0; 0 where the
        target is no candidate.
    """
    import tensorflow as tf

    from trainer.config import TrainerConfig
    from trainer.inputs.item_table import ItemTable
    from trainer.scoring.ranks import compute_rank
    from trainer.towers.recommender import Recommender

    num_items = len(vectors)
    tf.keras.utils.set_random_seed(_SEED)
    items = ItemTable(
        item_ids=train.item_ids.astype(object),
        text_vectors=vectors,
        category_ids=np.full((num_items, 1), -1, np.int32),
        categories=(),
        counts=np.bincount(train.items, minlength=num_items),
        prices=np.full(num_items, np.nan, np.float32),
        created_at=np.full(num_items, np.nan),
    )
    # What was met is no candidate, as for the other methods.
    model = Recommender(items, _SIZES, TrainerConfig(), repeats=False)
    model.compile(optimizer=tf.keras.optimizers.AdamW(1e-3))
    windows = list(_cut_windows(train))
    batches = build_batches(windows, num_items)
    dataset = tf.data.Dataset.from_tensor_slices(batches)
    dataset = dataset.shuffle(len(windows), seed=_SEED).batch(_BATCH)
    model.fit(dataset, epochs=num_epochs, verbose=2)
    asked = [
        np.append(
            queries.get_history(query)[-_WINDOW:], queries.get_targets(query)
        )
        for query in range(len(queries))
    ]
    older = [queries.get_history(q)[:-_WINDOW] for q in range(len(queries))]
    tests = tf.data.Dataset.from_tensor_slices(
        build_batches(asked, num_items, older)
    )
    scored = map(model.score_catalogue, tests.batch(_BATCH))
    ranks = np.concatenate(
        [
            compute_rank(one["tower"], one["label"], one["met"]).numpy()
            for one in scored
        ]
    )
    gains = np.where(ranks <= 10, 1.0 / np.log2(ranks + 1.0), 0.0)
    return gains * queries.is_candidate[[one[-1] for one in asked]]


def build_batches(
    windows: Sequence[np.ndarray],
    num_items: int,
    older: Sequence[np.ndarray] = (),
) -> dict:
    """Pads sequences to what `Recommender` reads.

    Args:
        windows: items, oldest first, the label last.
        num_items: pads rows.
        older: items met before each window; empty = none.

    Returns:
        Fields of `trainer.inputs.windows.to_batch`, `[W, 51]` each,
        `older_rows` `[W, X]`, `profile` and `user` `[W, 1]`, of which nothing
        is known.
    """
    shape = (len(windows), _WINDOW + 1)
    rows = np.full(shape, num_items, np.int32)
    mask = np.zeros(shape, bool)
    for row, window in enumerate(windows):
        rows[row, : len(window)] = window
        mask[row, : len(window)] = True
    width = max([1, *(len(one) for one in older)])
    older_rows = np.full((len(windows), width), num_items, np.int32)
    for row, one in enumerate(older):
        older_rows[row, : len(one)] = one
    zeros = np.zeros(shape, np.float32)
    no_ids = np.zeros(shape, np.int32)
    return {
        "rows": rows,
        "event_type": no_ids,
        "gap": no_ids,
        "scenario": no_ids,
        "value": zeros,
        "has_value": zeros,
        "positive": zeros + 1.0,
        "timestamp": np.zeros(shape, np.int64),
        "mask": mask,
        "is_target": mask,
        "disliked": np.zeros(shape, bool),
        "liked": mask,
        "older_rows": older_rows,
        "profile": np.zeros((len(windows), 1), np.int32),
        "user": np.zeros((len(windows), 1), np.int64),
    }


def _cut_windows(train: Interactions) -> Iterator[np.ndarray]:
    """Cuts each user's items into windows, the last one full."""
    order = np.argsort(train.users, kind="stable")
    starts = np.flatnonzero(np.diff(train.users[order])) + 1
    for items in np.split(train.items[order], starts):
        for end in range(len(items), 0, -_WINDOW):
            yield items[max(0, end - _WINDOW) : end]
