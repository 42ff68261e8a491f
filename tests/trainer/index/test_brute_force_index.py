"""Exact search; what it shares with other kinds is in test_index_family."""

import numpy as np
import tensorflow as tf

from trainer.index.brute_force_index import BruteForceIndex


def test_largest_products_come_first():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]], np.float32)
    index = BruteForceIndex(vectors)
    scores, rows = index.search(tf.constant([[1.0, 0.5]]), 2)
    assert rows.numpy().tolist() == [[2, 0]]
    assert scores.numpy().tolist() == [[2.0, 1.0]]
