"""Ranks what comes last in each window, as the towers score it."""

import numpy as np

from trainer.scoring.ranks import compute_rank
from trainer.towers.recommender import Recommender


def rank_labels(model: Recommender, batch: dict) -> np.ndarray:
    """Returns float32 `[B]`, 1-based; N + 1 = the label is no candidate."""
    scored = model.score_catalogue(batch)
    rank = compute_rank(scored["tower"], scored["label"], scored["met"])
    return rank.numpy()
