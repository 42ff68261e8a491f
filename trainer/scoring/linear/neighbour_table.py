"""Item-item weights, cut to the strongest of each item."""

from dataclasses import dataclass

import numpy as np

_ROWS_AT_ONCE = 512  # rows cut together: bounds memory


@dataclass(frozen=True, eq=False)
class NeighbourTable:
    """The weights from an item of the history to K other items.

    Attributes:
        half_life: number of events after which a weight is halved.
        item_rows: int32 `[M]`, the catalogue rows with weights.
        neighbours: int32 `[M, K]`, catalogue rows.
        weights: float32 `[M, K]`.
    """

    half_life: float
    item_rows: np.ndarray
    neighbours: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A sum over tables; the score of an item is a linear function.

    Attributes:
        name: of the model, for logs.
        tables: one per half-life.
        prior: float32 `[N]`, the score with an empty history.
    """

    name: str
    tables: tuple[NeighbourTable, ...]
    prior: np.ndarray


def cut_weights(
    weights: np.ndarray,
    item_rows: np.ndarray,
    half_life: float,
    num_neighbours: int,
) -> NeighbourTable:
    """Keeps the K weights of each row that are largest in size.

    Args:
        weights: float32 `[M, M]`, from row item to column item.
        item_rows: int `[M]`, catalogue rows of both.
        half_life: of the history.
        num_neighbours: K; fewer where M is smaller.
    """
    size = min(num_neighbours, len(item_rows))
    columns = np.empty((len(item_rows), size), np.int32)
    kept = np.empty((len(item_rows), size), np.float32)
    for first in range(0, len(item_rows), _ROWS_AT_ONCE):
        block = weights[first : first + _ROWS_AT_ONCE]
        strongest = np.argpartition(-np.abs(block), size - 1, axis=1)[:, :size]
        last = first + len(block)
        columns[first:last] = strongest
        kept[first:last] = np.take_along_axis(block, strongest, axis=1)
    item_rows = item_rows.astype(np.int32)
    return NeighbourTable(half_life, item_rows, item_rows[columns], kept)
