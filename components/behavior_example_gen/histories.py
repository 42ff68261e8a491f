"""Orders the events of a partition and assigns each one to a split."""

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.util import hash_pandas_object

from components.behavior_example_gen import partitions
from components.behavior_example_gen.config import Ties
from components.behavior_example_gen.tie_order import FILE_ORDER
from components.behavior_example_gen.tie_order import MICROSECOND
from components.behavior_example_gen.tie_order import hash_ties
from schemas import events as names

TRAIN, EVAL, TEST = range(3)
USER_CODE = "user_code"  # int32, numbers the users of a partition in order
SPLIT = "split"  # int8: TRAIN, EVAL, TEST
_MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number: no two users meet


def sort_histories(
    table: pa.Table, ties: Ties = "hash", ties_seed: int = 0
) -> pa.Table:
    """Sorts by user, then time, to the microsecond where a file tells it.

    Args:
        table: events of all users of a partition.
        ties: what orders a user's events of the same time, unless their rows
            in the file do; what is alike in this, too, goes by item, type and
            value.
        ties_seed: of "hash".

    Returns:
        The table with `user_code` added, without `microsecond` and
        `file_order`.
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
    if FILE_ORDER in table.column_names:
        keys.insert(3, table[FILE_ORDER].to_numpy())
    elif ties == "hash":
        order_keys = hash_ties(
            pd.Categorical.from_codes(user_rank, users),
            pd.Categorical.from_codes(item_rank, items),
            ties_seed,
        )
        keys.insert(3, order_keys)
    order = np.lexsort(keys)
    codes = pa.array(user_rank[order].astype(np.int32))
    done = [n for n in (MICROSECOND, FILE_ORDER) if n in table.column_names]
    table = table.drop_columns(done)
    return table.take(pa.array(order)).append_column(USER_CODE, codes)


def find_repeats(table: pa.Table) -> np.ndarray:
    """Finds the events that an earlier row tells already; bool `[events]`.

    They are alike in user, item, type and value, and in the same second: what
    is stored of them could not be told apart.
    """
    users = _encode(table[names.USER_ID])
    seconds = table[names.TIMESTAMP].to_numpy()
    # Almost all events are their user's only one of that second.
    pairs = pd.Series(users * _MIX ^ seconds.astype(np.uint64))
    rows = np.flatnonzero(pairs.duplicated(keep=False).to_numpy())
    some = table.take(pa.array(rows))
    keys = pd.DataFrame(
        {
            names.USER_ID: users[rows],
            names.TIMESTAMP: seconds[rows],
            names.ITEM_ID: _encode(some[names.ITEM_ID]),
            names.EVENT_TYPE: some[names.EVENT_TYPE].to_numpy(),
            names.VALUE: some[names.VALUE].to_numpy(),
        }
    )
    is_repeat = np.zeros(table.num_rows, bool)
    is_repeat[rows] = keys.duplicated().to_numpy()
    return is_repeat


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


def assign_hold_out(
    table: pa.Table, fractions: tuple[float, float, float], seed: int = 0
) -> np.ndarray:
    """Returns int8 `[events]`: splits drawn by a hash of user and item.

    Args:
        table: events in the order of `sort_histories`, with ties "hash" and
            without times: each user's events ascend by this hash, so that the
            splits follow one another.
        fractions: shares of train, eval and test.
        seed: `ties_seed`.
    """
    users, items = (
        pd.Categorical.from_codes(rank, values)
        for values, rank in (
            _ranked(table[name]) for name in (names.USER_ID, names.ITEM_ID)
        )
    )
    share = hash_ties(users, items, seed) / np.float64(2**64)
    cuts = np.cumsum(fractions)[:2]
    return np.searchsorted(cuts, share, side="right").astype(np.int8)


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


def _encode(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers the distinct texts; uint64 `[events]`."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.uint64)


def _ranked(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Returns the distinct texts in order, and each row's place among them."""
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda n: values[n].encode())
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    return [values[n] for n in order], rank[encoded.indices.to_numpy()]
