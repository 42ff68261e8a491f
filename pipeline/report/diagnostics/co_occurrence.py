"""Items with common users: item-item similarities, without a model."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import scipy.sparse as sp

_ROWS_AT_ONCE = 128  # items compared with all others together
_TINY = np.finfo(np.float32).tiny


def normalize_rows(incidence: sp.csr_array) -> sp.csr_array:
    """Scales each item to unit length, so that products are cosines.

    Args:
        incidence: float32 `[N, U]`, items by users. Items without users
            stay zero.
    """
    norms = np.sqrt(incidence.power(2).sum(axis=1))
    return (
        (sp.diags_array(1.0 / np.maximum(norms, _TINY)) @ incidence)
        .tocsr()
        .astype(np.float32)
    )


def weigh_histories(
    offsets: np.ndarray,
    items: np.ndarray,
    num_items: int,
    half_life: float | None = None,
) -> sp.csr_array:
    """Builds the history matrix that peers multiply with.

    Args:
        offsets: int64 `[Q + 1]`, bounds of each history in `items`.
        items: int64, the histories one after another, oldest event first.
        num_items: N.
        half_life: the j-th most recent event (j from 0) weighs
            2 ** (-j / half_life), repeated items add up; None = each item of
            the history weighs 1.

    Returns:
        float32 `[Q, N]`.
    """
    weights = np.ones(len(items), np.float32)
    if half_life is not None:
        newest = np.repeat(offsets[1:] - 1, np.diff(offsets))
        age = newest - np.arange(len(items))
        weights = np.exp2(-age / half_life).astype(np.float32)
    matrix = sp.csr_array(
        # Copies: summing duplicates reorders the items in place.
        (weights, items.copy(), offsets.copy()),
        shape=(len(offsets) - 1, num_items),
    )
    matrix.sum_duplicates()
    if half_life is None:
        matrix.data[:] = 1.0
    return matrix


def keep_neighbors(
    incidence: sp.csr_array,
    count: int,
    weighting: Literal["cosine", "tfidf"] = "tfidf",
) -> sp.csr_array:
    """Computes the cosines of each item with its nearest others.

    Args:
        incidence: float32 `[N, U]`, 1 where a user took an item.
        count: neighbours kept of each item.
        weighting: with "tfidf" users with many items count less.

    Returns:
        float32 `[N, N]`, an item's neighbours in its row.

    Source:
        Sarwar et al., WWW 2001, doi:10.1145/371920.372071, with the weights
        of tf-idf.
    """
    num_items, num_users = incidence.shape
    if weighting == "tfidf":
        items_of_user = np.bincount(incidence.indices, minlength=num_users)
        idf = np.log((1.0 + num_items) / (1.0 + items_of_user))
        incidence = incidence @ sp.diags_array(idf)
    unit = normalize_rows(incidence)
    return sp.vstack(list(_compare(unit, count)), format="csr")


def _compare(unit: sp.csr_array, count: int) -> Iterator[sp.csr_array]:
    """Yields blocks of rows, sparse throughout: catalogues may be large."""
    for first in range(0, unit.shape[0], _ROWS_AT_ONCE):
        cosines = unit[first : first + _ROWS_AT_ONCE] @ unit.T
        offsets, nearest, values = [0], [], []
        for row in range(cosines.shape[0]):
            bounds = slice(cosines.indptr[row], cosines.indptr[row + 1])
            others = cosines.indices[bounds]
            is_other = others != first + row  # no item is its own neighbour
            others, own = others[is_other], cosines.data[bounds][is_other]
            if len(own) > count:
                kept = np.argpartition(-own, count - 1)[:count]
                others, own = others[kept], own[kept]
            nearest.append(others)
            values.append(own)
            offsets.append(offsets[-1] + len(own))
        yield sp.csr_array(
            (np.concatenate(values), np.concatenate(nearest), offsets),
            cosines.shape,
        )
