"""Vectors that could be those of the same model."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.retrieval.multiplied_vectors import load_item_vectors
from benchmarks.retrieval.multiplied_vectors import multiply_vectors
from trainer.index.brute_force_index import BruteForceIndex


def _flat_vectors(num_vectors=200):
    """Points of a plane in a space of 6 dimensions."""
    random = np.random.default_rng(0)
    plane = random.normal(size=(2, 6))
    return (random.normal(size=(num_vectors, 2)) @ plane).astype(np.float32)


def test_noise_stays_on_the_surface_of_the_vectors():
    made = multiply_vectors(_flat_vectors(), 1000)
    spread = np.linalg.svd(made, compute_uv=False)
    assert made.shape == (1000, 6)
    assert spread[2] < 1e-4 * spread[1]


def test_copies_keep_the_length_of_their_original():
    vectors = _flat_vectors()
    made = multiply_vectors(vectors, 400)
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(
        np.linalg.norm(made, axis=1), np.tile(lengths, 2), rtol=1e-4
    )


def test_no_two_vectors_are_the_same():
    made = multiply_vectors(_flat_vectors(), 1000)
    assert len(np.unique(made, axis=0)) == 1000


def test_smaller_catalogue_is_a_sample():
    vectors = _flat_vectors()
    made = multiply_vectors(vectors, 50)
    known = {row.tobytes() for row in vectors}
    assert len({row.tobytes() for row in made} & known) == 50


def test_vectors_of_an_export_are_its_index(tmp_path):
    module = tf.Module()
    module._index = BruteForceIndex(_flat_vectors())
    tf.saved_model.save(module, str(tmp_path))
    np.testing.assert_array_equal(load_item_vectors(tmp_path), _flat_vectors())


def test_export_without_such_an_index_is_refused(tmp_path):
    module = tf.Module()
    module.other = tf.Variable([[1.0]])
    tf.saved_model.save(module, str(tmp_path))
    with pytest.raises(ValueError, match=r"brute_force.*Received: \[\]"):
        load_item_vectors(tmp_path)
