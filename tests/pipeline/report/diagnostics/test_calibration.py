"""Calibration by arithmetic."""

import numpy as np
import pytest

from pipeline.report.diagnostics.calibration import compute_calibration


def test_bins_hold_means_and_the_error_weighs_them():
    found = compute_calibration(
        np.array([0.12, 0.18, 0.9, 0.95]), np.array([True, False, True, True])
    )
    low, high = found.bins
    assert (low.low, low.high, low.num_queries) == (0.1, 0.2, 2)
    assert low.predicted == pytest.approx(0.15)
    assert low.observed == 0.5
    assert (high.low, high.num_queries) == (0.9, 2)
    # (2 * |0.15 - 0.5| + 2 * |0.925 - 1|) / 4
    assert found.expected_error == pytest.approx(0.2125)
    # The mean of the squares of 0.88, 0.18, 0.1 and 0.05.
    assert found.brier_score == pytest.approx(0.204825)
    assert found.predicted == pytest.approx(0.5375)
    assert found.observed == 0.75


def test_certainty_belongs_to_the_last_bin():
    found = compute_calibration(np.array([1.0]), np.array([True]))
    assert (found.bins[0].low, found.bins[0].high) == (0.9, 1.0)
    assert found.expected_error == 0


def test_interval_is_wilsons():
    # Wilson's interval of 0 of 10 is [0, 0.2775], of 5 of 10 it is
    # [0.2366, 0.7634] (Brown, Cai, DasGupta 2001, doi:10.1214/ss/1009213286).
    none = compute_calibration(np.full(10, 0.05), np.zeros(10, bool))
    np.testing.assert_allclose(none.bins[0].interval, [0, 0.2775], atol=1e-4)
    half = compute_calibration(np.full(10, 0.05), np.arange(10) < 5)
    np.testing.assert_allclose(
        half.bins[0].interval, [0.2366, 0.7634], atol=1e-4
    )


def test_calibration_of_nothing_is_refused():
    with pytest.raises(ValueError, match="Received: none"):
        compute_calibration(np.zeros(0), np.zeros(0, bool))
