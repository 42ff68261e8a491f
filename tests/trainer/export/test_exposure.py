"""Which buckets of popularity the first places show, by hand."""

import numpy as np
import tensorflow as tf

from trainer.export.exposure import Exposure
from trainer.scoring.ranks import EXCLUDED


def _exposure(counts):
    return Exposure(np.array(counts, np.int64))


def test_exposure_counts_the_ten_best_by_popularity():
    # 8 of 24 events each: one head item, two middle, eight tail; one unseen.
    exposure = _exposure([8, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    scores = np.arange(12.0, 0.0, -1.0)[np.newaxis].astype(np.float32)
    # All but the last two, which are a tail item and the unseen one.
    np.testing.assert_allclose(
        exposure(tf.constant(scores)), [[0.1, 0.2, 0.7, 0.0]], atol=1e-6
    )


def test_exposure_of_a_short_slate_sums_to_one():
    exposure = _exposure([8, 4, 4, 8, 0])
    scores = tf.constant([[EXCLUDED, 0.1, EXCLUDED, EXCLUDED, 0.2]])
    np.testing.assert_allclose(exposure(scores), [[0.0, 0.0, 0.5, 0.5]])
    nothing = tf.fill([1, 5], EXCLUDED)
    np.testing.assert_allclose(exposure(nothing), [[0.0] * 4])


def test_exposure_does_not_count_scores_that_are_not_finite():
    exposure = _exposure([8, 4, 4, 8, 0])
    scores = tf.constant([[np.nan, 0.1, np.inf, np.nan, 0.2]])
    np.testing.assert_allclose(exposure(scores), [[0.0, 0.0, 0.5, 0.5]])
