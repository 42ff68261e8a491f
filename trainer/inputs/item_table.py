"""The catalogue as arrays, for training."""

import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.artifact_files import CATALOG_FILE
from schemas.artifact_files import VECTORS_FILE
from schemas.rating_scale import RatingScale
from schemas.rating_scale import load_rating_scale

TEXT_SCALE = 4.0  # unit text vectors have components near 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemTable:
    """Columns of the catalogue as arrays; N items, row order = catalogue.

    Attributes:
        item_ids: str objects `[N]`, unique, sorted.
        text_vectors: float32 `[N, T]`, unit length.
        category_ids: int32 `[N, G]`, rows of `categories`; -1 = none.
        categories: the G' category names, sorted.
        counts: int64 `[N]`, target events in what has been learnt; 0 = cold.
        prices: float32 `[N]`, NaN where unknown.
        created_at: float64 `[N]`, seconds, NaN where unknown.
        columns: further columns as the catalogue has them, by name: what
            sources of the item representation read.
        rating_scale: of the dataset's ratings; None = it has none.
        titles: of the N items; none = needs are not searched for by words.
        descriptions: likewise, "" where there is none.
    """

    item_ids: np.ndarray
    text_vectors: np.ndarray
    category_ids: np.ndarray
    categories: tuple[str, ...]
    counts: np.ndarray
    prices: np.ndarray
    created_at: np.ndarray
    columns: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)
    rating_scale: RatingScale | None = None
    titles: Sequence[str] = ()
    descriptions: Sequence[str] = ()

    @property
    def num_items(self) -> int:
        """N, the number of catalogue rows."""
        return len(self.item_ids)


def load_item_table(
    catalog_path: str,
    vectors_path: str,
    counts: Mapping[str, int],
    columns: Sequence[str] = (),
) -> ItemTable:
    """Joins the Catalog, the ItemVectors and the item vocabulary.

    Args:
        catalog_path: folder of the Catalog artifact.
        vectors_path: folder of the ItemVectors artifact.
        counts: how often each item is a target in the train split.
        columns: names of further columns to keep.

    Returns:
        The table, in the catalogue's order.

    Raises:
        ValueError: the catalogue is empty or lacks a column, or the vectors
            are not those of this catalogue.
    """
    catalog = pq.read_table(pathlib.Path(catalog_path) / CATALOG_FILE)
    vectors = pq.read_table(pathlib.Path(vectors_path) / VECTORS_FILE)
    item_ids = catalog["item_id"].to_pylist()
    if not item_ids:
        raise ValueError(
            "The catalogue must hold at least one item. Received: 0 items."
        )
    missing = sorted(set(columns) - set(catalog.column_names))
    if missing:
        raise ValueError(
            f"The catalogue must have the columns {sorted(columns)} for"
            f" `towers.sources`. Received none of the name: {missing}. Map"
            " them in the dataset, or leave the source out."
        )
    if vectors["item_id"].to_pylist() != item_ids:
        raise ValueError(
            "ItemVectors must list the items of the Catalog in its order."
            f" Received: {vectors.num_rows} vectors for {len(item_ids)} items;"
            " run ItemEncoder on this catalogue."
        )
    category_ids, categories = _index_categories(
        catalog["categories"].to_pylist()
    )
    flat = vectors["vector"].combine_chunks().flatten()
    return ItemTable(
        item_ids=np.array(item_ids, dtype=object),
        text_vectors=flat.to_numpy().reshape(len(item_ids), -1),
        category_ids=category_ids,
        categories=categories,
        counts=np.array([counts.get(i, 0) for i in item_ids], np.int64),
        prices=catalog["price"].to_numpy().astype(np.float32),
        created_at=catalog["created_at"].to_numpy().astype(np.float64),
        columns={name: catalog[name] for name in columns},
        rating_scale=load_rating_scale(catalog.schema.metadata),
        titles=tuple(catalog["title"].to_pylist()),
        descriptions=tuple(
            text or "" for text in catalog["description"].to_pylist()
        ),
    )


def _index_categories(
    labels: list[list[str] | None],
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers the categories; returns int32 `[N, G]` (-1 = none), names."""
    labels = [row or [] for row in labels]
    categories = tuple(sorted({name for row in labels for name in row}))
    index = {name: i for i, name in enumerate(categories)}
    width = max(1, max(len(row) for row in labels))
    ids = np.full((len(labels), width), -1, np.int32)
    for row, names in enumerate(labels):
        ids[row, : len(names)] = [index[name] for name in names]
    return ids, categories
