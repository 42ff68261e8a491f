"""What a rank is worth."""

import numpy as np
import pytest

from pipeline.report.diagnostics.rank_gains import compute_mean
from pipeline.report.diagnostics.rank_gains import compute_ndcg_gains
from pipeline.report.diagnostics.rank_gains import compute_recall_gains


def test_gain_falls_with_the_logarithm_of_the_rank_and_ends_after_ten():
    # 1 / log2(1 + 1) = 1, 1 / log2(3 + 1) = 1/2, 1 / log2(10 + 1) = 0.28906
    gains = compute_ndcg_gains(np.array([1.0, 3.0, 10.0, 11.0]))
    np.testing.assert_allclose(gains, [1, 0.5, 0.28906, 0], atol=1e-5)


def test_recall_counts_the_first_ten():
    gains = compute_recall_gains(np.array([1.0, 10.0, 11.0]))
    assert gains.tolist() == [1, 1, 0]


def test_standard_error_is_that_of_a_coin():
    # A fair coin deviates by 1/2; of 100 throws the mean by 1/20.
    mean, error = compute_mean(np.array([0.0, 1.0] * 50))
    assert (mean, error) == (0.5, pytest.approx(0.05))
