"""Gains of ranks, for whole arrays."""

import numpy as np

K = 10


def compute_ndcg_gains(ranks: np.ndarray) -> np.ndarray:
    """Returns float64 `[Q]`: 1 / log2(rank + 1) up to rank 10, then 0.

    Args:
        ranks: float64 `[Q]`, 1-based, of the one relevant item.
    """
    return np.where(ranks <= K, 1.0 / np.log2(ranks + 1.0), 0.0)


def compute_recall_gains(ranks: np.ndarray) -> np.ndarray:
    """Returns float64 `[Q]`: 1 up to rank 10, then 0."""
    return (ranks <= K).astype(np.float64)


def compute_mean(gains: np.ndarray) -> tuple[float, float]:
    """Returns the mean of `[Q]` gains, Q > 0, and its standard error."""
    return float(gains.mean()), float(gains.std() / np.sqrt(len(gains)))
