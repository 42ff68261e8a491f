"""What BehaviorValidator looks at in a batch of window examples."""

import numpy as np
import pyarrow as pa

from components.window_examples import columns
from schemas import events

SPLIT = "split"


def extract_targets(batch: pa.RecordBatch, split: str) -> pa.Table:
    """Collects the events that the examples of a batch are to predict.

    Args:
        batch: examples as TFXIO decodes them, one list column a feature.
        split: name of their split.

    Returns:
        As of `columns.read_targets`, and their split as binary.
    """
    targets = columns.read_targets(batch)
    splits = pa.array([split.encode()] * targets.num_rows, pa.large_binary())
    return targets.append_column(SPLIT, splits)


def find_leaking_examples(batch: pa.RecordBatch) -> np.ndarray:
    """Finds examples in which an event comes before an earlier one.

    The label is the last event of the chain, so a window event that is later
    than the label shows up here too.

    Returns:
        int64, the rows of the batch, ascending.
    """
    found = columns.read_events(batch)
    windows = found[columns.WINDOW].to_numpy()
    times = found[events.TIMESTAMP].to_numpy()
    is_early = (np.diff(times) < 0) & (np.diff(windows) == 0)
    return np.unique(windows[1:][is_early])


def get_users(batch: pa.RecordBatch) -> pa.ChunkedArray:
    """Returns the user of each example, binary `[N]`."""
    return columns.read_windows(batch)[events.USER_ID]
