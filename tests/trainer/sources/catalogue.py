"""Three items for the tests of sources.

Of the first everything is known, of the second nothing but a text, and the
third differs from the first.
"""

import numpy as np
import pyarrow as pa

from trainer.inputs.item_table import ItemTable

KNOWN, UNKNOWN = 0, 1
ITEMS = ItemTable(
    item_ids=np.array(["a", "b", "c"], object),
    text_vectors=np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32),
    category_ids=np.array([[0, 1], [-1, -1], [1, -1]], np.int32),
    categories=("x", "y"),
    counts=np.array([5, 0, 2], np.int64),
    prices=np.array([4.0, np.nan, 9.0], np.float32),
    created_at=np.array([1.7e9, np.nan, 1.6e9]),
    # As of `schemas.artifact_types.Catalog`.
    columns={
        "price": pa.chunked_array([pa.array([4.0, None, 9.0], pa.float32())]),
        "created_at": pa.chunked_array(
            [pa.array([1_700_000_000, None, 1_600_000_000], pa.int64())]
        ),
        "scenario": pa.chunked_array([pa.array(["s", "", "t"], pa.string())]),
    },
)
