"""Item vectors on a plane, and how often neighbours share a category."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_NUM_NAMED = 7  # categories with a colour of their own
OTHER = "other"


@dataclass(frozen=True, kw_only=True, eq=False)
class EmbeddingMap:
    """Places of M items.

    Attributes:
        places: float64 `[M, 2]`, first two principal components.
        explained: share of the variance that the two hold.
        labels: category of each item, "other" for the rarer ones.
        legend: the labels, most frequent first, "other" last.
    """

    places: np.ndarray
    explained: float
    labels: list[str]
    legend: list[str]


def compute_embedding_map(
    vectors: np.ndarray, categories: Sequence[Sequence[str]]
) -> EmbeddingMap:
    """Projects vectors on their first two principal components.

    Args:
        vectors: float32 `[M, D]`, M and D at least 2.
        categories: of each item, its main one first.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    total = np.square(sizes).sum()
    main = [names[0] if names else OTHER for names in categories]
    frequent = [
        name for name, _ in Counter(main).most_common() if name != OTHER
    ][:_NUM_NAMED]
    labels = [name if name in frequent else OTHER for name in main]
    return EmbeddingMap(
        places=left[:, :2] * sizes[:2],
        explained=float(np.square(sizes[:2]).sum() / max(total, 1e-30)),
        labels=labels,
        legend=[*frequent, *([OTHER] if OTHER in labels else [])],
    )


def compute_neighbor_agreement(
    vectors: np.ndarray, labels: Sequence[str], count: int
) -> dict[str, tuple[int, float, float]]:
    """Says how often neighbours in the full space share a label.

    Args:
        vectors: float32 `[M, D]`, unit length, M at least 2.
        labels: of each vector.
        count: neighbours looked at, by cosine.

    Returns:
        Label to its number of items, the share of their neighbours with the
        same label, and that share for random neighbours.
    """
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    count = min(count, len(vectors) - 1)
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    names = np.array(labels, object)
    shares = (names[nearest] == names[:, np.newaxis]).mean(axis=1)
    return {
        label: (
            size,
            float(shares[names == label].mean()),
            (size - 1) / (len(names) - 1),
        )
        for label, size in Counter(labels).most_common()
    }
