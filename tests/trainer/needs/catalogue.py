"""A catalogue of five items with titles."""

import numpy as np

from trainer.inputs.item_table import ItemTable

TITLES = (
    "Scary Movie (2000)",
    "Nine",
    "True Romance (1993)",
    "Matrix, The (1999)",
    "Christmas: Robots of Love (1985)",
)
CATEGORIES = ("Animation", "Comedy", "Horror", "Romance", "Sci-Fi")


def build_items(**changes) -> ItemTable:
    """Builds the table; item 1 was created in 1970, the others bear years."""
    none = -1
    columns = {
        "item_ids": np.array(list("abcde"), object),
        "text_vectors": np.eye(5, 4, dtype=np.float32),
        "category_ids": np.array(
            [[1, 2], [2, none], [none, none], [3, 4], [0, 1]], np.int32
        ),
        "categories": CATEGORIES,
        "counts": np.ones(5, np.int64),
        "prices": np.full(5, np.nan, np.float32),
        "created_at": np.array([np.nan, 0.0, np.nan, np.nan, np.nan]),
        "titles": TITLES,
        "descriptions": ("", "", "", "machines rule", ""),
    }
    return ItemTable(**(columns | changes))
