"""The order of events of one user with the same timestamp."""

import numpy as np
import pandas as pd

MICROSECOND = "microsecond"  # int32 in [0, 10**6), the time of an event within
# its second; a column only where some file has fractions of seconds

FILE_ORDER = (
    "file_order"  # int64, ascending with files and lines; a column only
)
# where the rows of files are in order


def hash_ties(
    user_ids: np.ndarray | pd.Categorical,
    item_ids: np.ndarray | pd.Categorical,
    seed: int = 0,
) -> np.ndarray:
    """Draws a fixed number for each pair of user and item.

    An order by these numbers means nothing. An order by item id can mean
    something (a page lists items in it); models of order then learn it, and
    it decides which event is the user's last.

    Args:
        user_ids: str `[N]`.
        item_ids: str `[N]`.
        seed: in [0, 10**16); another one gives another order.

    Returns:
        uint64 `[N]`, SipHash keyed by the seed: the same in every process
        and on every machine.
    """
    pairs = pd.DataFrame({"user": user_ids, "item": item_ids})
    key = f"{seed:016d}"  # pandas asks for 16 characters
    hashes = pd.util.hash_pandas_object(pairs, index=False, hash_key=key)
    return hashes.to_numpy()
