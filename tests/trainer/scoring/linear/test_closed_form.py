"""Regression of each item on all others."""

import numpy as np
import pytest

from trainer.scoring.linear.closed_form import regress_on_others


def test_each_column_is_the_ridge_regression_of_its_item():
    random = np.random.default_rng(5)
    taken = (random.random((30, 5)) < 0.4).astype(np.float32)
    weights = regress_on_others(np.asfortranarray(taken.T @ taken), 2.0)
    for item in range(5):
        others = np.delete(np.arange(5), item)
        known = taken[:, others]
        expected = np.linalg.solve(
            known.T @ known + 2.0 * np.eye(4), known.T @ taken[:, item]
        )
        assert weights[others, item] == pytest.approx(expected, abs=1e-5)
        assert weights[item, item] == 0.0


def test_matrix_that_cannot_be_inverted_is_refused():
    with pytest.raises(ArithmeticError, match="positive definite"):
        regress_on_others(np.zeros((2, 2), np.float32, order="F"), 0.0)
