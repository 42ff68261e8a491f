"""Vectors of a trained model, multiplied to a larger number."""

from pathlib import Path

import numpy as np

_NUM_NEAR = 16  # neighbours that a copy may be drawn towards
_NUM_STEPS = 4  # of them are
_STEP = 0.5  # standard deviation of a step, in distances to the neighbour
_ROWS_AT_ONCE = 65_536


def load_item_vectors(model_path: Path) -> np.ndarray:
    """Reads the encoded catalogue of an export whose index is brute force.

    Args:
        model_path: folder of the SavedModel.

    Returns:
        float32 `[N, D]`.

    Raises:
        ValueError: the export holds no such matrix.
    """
    import tensorflow as tf

    reader = tf.train.load_checkpoint(
        str(model_path / "variables" / "variables")
    )
    shapes = reader.get_variable_to_shape_map()
    found = [
        name
        for name, shape in shapes.items()
        if name.startswith("_index/") and len(shape) == 2
    ]
    if len(found) != 1:
        raise ValueError(
            f"{model_path} must hold one matrix of item vectors, as exports"
            f" with `index.kind: brute_force` do. Received: {found}."
        )
    return reader.get_tensor(found[0])


def multiply_vectors(
    vectors: np.ndarray, num_vectors: int, seed: int = 0
) -> np.ndarray:
    """Generates vectors with the distribution of this model's vectors.

    A new vector is an old one, moved by random steps along the lines to a few
    of its nearest neighbours and brought back to its length. So the noise has
    the width and the directions of the neighbourhood: it stays on the manifold
    of the vectors, which isotropic noise would leave. Lengths, which matter for
    dot products, keep their distribution.

    Args:
        vectors: float32 `[N, D]`.
        num_vectors: how many to return; at most N = a sample without noise.
        seed: of all draws.

    Returns:
        float32 `[num_vectors, D]`.
    """
    rng = np.random.default_rng(seed)
    if num_vectors <= len(vectors):
        drawn = rng.choice(len(vectors), num_vectors, replace=False)
        return vectors[np.sort(drawn)]
    near = _find_neighbours(vectors)
    made = np.empty((num_vectors, vectors.shape[1]), np.float32)
    for first in range(0, num_vectors, _ROWS_AT_ONCE):
        last = min(first + _ROWS_AT_ONCE, num_vectors)
        made[first:last] = _move(
            vectors, near, np.arange(first, last) % len(vectors), rng
        )
    return made


def _move(vectors, near, rows, rng):
    moved = vectors[rows].copy()
    for _ in range(_NUM_STEPS):
        towards = near[rows, rng.integers(0, near.shape[1], len(rows))]
        steps = rng.normal(scale=_STEP, size=(len(rows), 1))
        moved += steps.astype(np.float32) * (vectors[towards] - vectors[rows])
    lengths = np.linalg.norm(vectors[rows], axis=1, keepdims=True)
    return moved * lengths / np.linalg.norm(moved, axis=1, keepdims=True)


def _find_neighbours(vectors):
    """The nearest vectors of each, int64 `[N, up to 16]`."""
    width = min(_NUM_NEAR, len(vectors) - 1)
    near = np.empty((len(vectors), width), np.int64)
    lengths = np.einsum("nd,nd->n", vectors, vectors)
    for first in range(0, len(vectors), 1024):
        block = vectors[first : first + 1024]
        far = lengths - 2.0 * (block @ vectors.T)
        far[np.arange(len(block)), first + np.arange(len(block))] = np.inf
        near[first : first + 1024] = np.argpartition(far, width - 1, axis=1)[
            :, :width
        ]
    return near
