"""Rotates vectors so that their first dimensions explain most of a score."""

import numpy as np

_FLOOR = 1e-3  # of the mean moment: queries may differ from those seen


def fit_rotation(vectors: np.ndarray, query_moment: np.ndarray) -> np.ndarray:
    """Fits a change of basis to the queries that will be asked.

    In the new basis queries have the same mean length in every direction, so
    that a distance between items is the expected difference of their scores,
    which k-means should use. Dimensions are ordered by their contribution to
    scores. The towers' queries use few directions of the space, which a basis
    fitted to the items alone would miss.

    Args:
        vectors: float32 `[N, D]`, the items, or a sample of them.
        query_moment: float `[D, D]`, the mean of the outer products of
            queries with themselves.

    Returns:
        float64 `[D, D]`, A: items go to `v A`, queries to `q inv(A)^T`, and
        no score changes.

    Raises:
        ValueError: the shapes do not agree.
    """
    dim = vectors.shape[1]
    if query_moment.shape != (dim, dim):
        raise ValueError(
            f"`query_moment` must be {dim} x {dim}, as wide as the vectors."
            f" Received: shape {query_moment.shape}."
        )
    floor = _FLOOR * np.trace(query_moment) / dim + np.finfo(np.float32).tiny
    root = np.linalg.cholesky(query_moment + floor * np.eye(dim))
    turned = vectors.astype(np.float64) @ root
    _, directions = np.linalg.eigh(turned.T @ turned)
    return root @ directions[:, ::-1]
