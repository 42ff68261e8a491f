"""Weights of scores, learnt by likelihood."""

import numpy as np
import pytest

from trainer.scoring.blend import fit_blend

_RANDOM = np.random.default_rng(7)


def _draw_labels(scores):
    noise = _RANDOM.gumbel(size=scores.shape)
    return (scores + noise).argmax(axis=1)


def test_true_weights_are_found():
    features = [
        _RANDOM.normal(size=(4000, 12)).astype(np.float32) for _ in range(3)
    ]
    labels = _draw_labels(1.5 * features[0] + 0.5 * features[1])
    weights = fit_blend(features, labels, np.zeros((4000, 12), bool))
    # The third says nothing: its weight stays at the least there is.
    assert weights == pytest.approx([1.5, 0.5, 0.0], abs=0.1)


def test_excluded_candidates_do_not_count():
    feature = _RANDOM.normal(size=(3000, 8)).astype(np.float32)
    excluded = np.zeros((3000, 8), bool)
    excluded[:, 5:] = True
    labels = _draw_labels(np.where(excluded, -1e9, 2.0 * feature))
    feature[:, 5:] = 100.0
    [weight] = fit_blend([feature], labels, excluded)
    assert weight == pytest.approx(2.0, abs=0.15)


def test_without_queries_all_count_alike():
    weights = fit_blend(
        [np.zeros((0, 3))] * 2, np.zeros(0, int), np.zeros((0, 3), bool)
    )
    assert weights.tolist() == [1.0, 1.0]


def test_scores_that_are_not_finite_are_refused():
    features = [np.ones((2, 3), np.float32) for _ in range(2)]
    features[1][0, 2] = np.nan
    with pytest.raises(FloatingPointError, match=r"matrix 1 .* 1 of 6 scores"):
        fit_blend(features, np.zeros(2, int), np.zeros((2, 3), bool))
