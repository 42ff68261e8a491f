"""Weights of several scores, learnt by maximum likelihood."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from trainer.scoring.ranks import EXCLUDED

_LEAST = 1e-3  # no weight is negative


def fit_blend(
    features: Sequence[np.ndarray], labels: np.ndarray, excluded: np.ndarray
) -> np.ndarray:
    """Maximises the likelihood of the next item under a softmax.

    Args:
        features: F score matrices, float32 `[Q, C]` over the same candidates.
        labels: int `[Q]`, column of the item that came next.
        excluded: bool `[Q, C]`, no candidates; false at the labels.

    Returns:
        float64 `[F]`, positive weights. All ones without queries.

    Raises:
        FloatingPointError: a score is not finite.

    Source:
        Conditional logit: McFadden, 1974. The problem is convex.
    """
    for place, feature in enumerate(features):
        broken = np.count_nonzero(~np.isfinite(feature))
        if broken:
            raise FloatingPointError(
                "Scores to blend must be finite. Received: score matrix"
                f" {place} (0 = the towers) with {broken:,} of"
                f" {feature.size:,} scores that are not. Lower"
                " `trainer.optimizer.learning_rate`."
            )
    start = np.ones(len(features))
    if not len(labels):
        return start
    rows = np.arange(len(labels))
    chosen = np.array([feature[rows, labels].mean() for feature in features])

    def compute_loss(weights):
        scores = np.zeros(excluded.shape, np.float32)
        for weight, feature in zip(weights, features, strict=True):
            scores += np.float32(weight) * feature
        scores[excluded] = EXCLUDED
        log_share = log_softmax(scores, axis=1)
        share = np.exp(log_share)
        expected = [
            np.einsum("qc,qc->q", share, feature).mean() for feature in features
        ]
        loss = -log_share[rows, labels].mean(dtype=np.float64)
        return loss, np.array(expected, np.float64) - chosen

    found = minimize(
        compute_loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(_LEAST, None)] * len(features),
    )
    return found.x
