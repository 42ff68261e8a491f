"""Orders the events of a partition and assigns each one to a split."""

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.util import hash_pandas_object

from components.behavior_example_gen import partitions
from components.behavior_example_gen.config import Ties
from components.behavior_example_gen.tie_order import MICROSECOND
from components.behavior_example_gen.tie_order import hash_ties
from schemas import events as names

TRAIN, EVAL, TEST = range(3)
USER_CODE = "user_code"  # int32, numbers the users of a partition in order
SPLIT = "split"  # int8: TRAIN, EVAL, TEST


def sort_histories(
    table: pa.Table, ties: Ties = "hash", ties_seed: int = 0
) -> pa.Table:
    """Sorts by user, then time, to the microsecond where a file tells it.

    Args:
        table: events of all users of a partition.
        ties: what orders a user's events of the same time; what is alike in
            this, too, goes by item, type and value.
        ties_seed: of "hash".

    Returns:
        The table with `user_code` added, and without `microsecond`.
    """
    users, user_rank = _ranked(table[names.USER_ID])
    items, item_rank = _ranked(table[names.ITEM_ID])
    keys = [
        table[names.VALUE].to_numpy(),
        table[names.EVENT_TYPE].to_numpy(),
        item_rank,
        *_times(table),
        user_rank,
    ]
    if ties == "hash":
        order_keys = hash_ties(
            pd.Categorical.from_codes(user_rank, users),
            pd.Categorical.from_codes(item_rank, items),
            ties_seed,
        )
        keys.insert(3, order_keys)
    order = np.lexsort(keys)
    codes = pa.array(user_rank[order].astype(np.int32))
    if MICROSECOND in table.column_names:
        table = table.drop_columns([MICROSECOND])
    return table.take(pa.array(order)).append_column(USER_CODE, codes)


def first_events(user_code: np.ndarray) -> np.ndarray:
    """Returns the row of each user's first event, and the end of all."""
    changes = np.flatnonzero(np.diff(user_code)) + 1
    return np.concatenate([[0], changes, [len(user_code)]]).astype(np.int64)


def assign_temporal(seconds: np.ndarray, cuts: tuple[int, int]) -> np.ndarray:
    """Returns int8 `[events]`: the split each moment belongs to."""
    return np.searchsorted(np.array(cuts), seconds, side="right").astype(
        np.int8
    )


def assign_leave_last(bounds: np.ndarray) -> np.ndarray:
    """Returns int8 `[events]`: of each user the last event is for test.

    The last but one is for eval if the user has at least three events.
    """
    split = np.zeros(bounds[-1], np.int8)
    lengths = np.diff(bounds)
    split[bounds[1:][lengths >= 2] - 1] = TEST
    split[bounds[1:][lengths >= 3] - 2] = EVAL
    return split


def hash_queries(table: pa.Table) -> np.ndarray:
    """Returns uint64 `[events]`, a pseudo-random number for each event.

    It depends on the event's user, item and time alone.
    """
    keys = pd.DataFrame(
        {
            names.USER_ID: partitions.hash_text(table[names.USER_ID]),
            names.ITEM_ID: partitions.hash_text(table[names.ITEM_ID]),
            names.TIMESTAMP: table[names.TIMESTAMP].to_numpy(),
        }
    )
    return hash_pandas_object(keys, index=False).to_numpy()


def _times(table: pa.Table) -> list[np.ndarray]:
    """Returns what events are ordered by in time, the least of it first."""
    seconds = table[names.TIMESTAMP].to_numpy()
    if MICROSECOND not in table.column_names:
        return [seconds]
    # Null = the file that the event comes from has no fractions.
    return [table[MICROSECOND].fill_null(0).to_numpy(), seconds]


def _ranked(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Returns the distinct texts in order, and each row's place among them."""
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda n: values[n].encode())
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    return [values[n] for n in order], rank[encoded.indices.to_numpy()]
