"""Windows with a planted order: 0 1 2 3 0 1 2 3 ..., and an odd one out."""

import numpy as np

from trainer.scoring.linear.sequences import Sequences

NUM_ITEMS = 6  # 0-3 go round, 4 occurs once, 5 never


def go_round(num_windows: int = 40, width: int = 12) -> Sequences:
    """Windows that start anywhere on the circle of four items."""
    start = np.arange(num_windows)[:, None]
    rows = ((start + np.arange(width)) % 4).astype(np.int32)
    rows[0, 5] = 4
    return Sequences(
        rows,
        np.ones_like(rows, bool),
        np.full(num_windows, 1_000_000),
        np.arange(num_windows),
        NUM_ITEMS,
        np.zeros(num_windows, np.int64),
    )
