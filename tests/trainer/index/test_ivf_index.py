"""Partitions; what every index must do is in test_index_family."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import IndexConfig
from trainer.index.ivf_index import IvfIndex
from trainer.index.restriction import Restriction


def _make_vectors(num_items, dim, seed=0):
    """Vectors of clusters, in few directions of the space."""
    random = np.random.default_rng(seed)
    basis = random.normal(size=(8, dim))
    centres = random.normal(size=(40, 8))
    places = centres[random.integers(0, 40, num_items)]
    places += 0.3 * random.normal(size=places.shape)
    return (places @ basis).astype(np.float32)


def _measure_recall(vectors, queries, config):
    index = IvfIndex(vectors, queries.T @ queries / len(queries), config)
    _, rows = index.search(tf.constant(queries), 10)
    truth = np.argsort(-queries @ vectors.T, axis=1)[:, :10]
    return np.mean(
        [
            len(set(found) & set(true)) / 10
            for found, true in zip(rows.numpy(), truth, strict=True)
        ]
    )


@pytest.mark.parametrize("quantisation", ["none", "int8"])
def test_a_quarter_of_the_partitions_holds_nearly_all_that_is_best(
    quantisation,
):
    vectors = _make_vectors(4000, 32)
    queries = vectors[::100] + 0.1
    config = IndexConfig(
        kind="ivf",
        num_partitions=64,
        num_probes=16,
        num_candidates=100,
        quantisation=quantisation,
    )
    assert _measure_recall(vectors, queries, config) > 0.9


@pytest.mark.parametrize(
    ("quantisation", "bound"), [("none", 1.3), ("int8", 0.4)]
)
def test_memory_stays_in_proportion_to_the_vectors(quantisation, bound):
    vectors = _make_vectors(20_000, 64)
    config = IndexConfig(
        kind="ivf", num_partitions=64, quantisation=quantisation
    )
    index = IvfIndex(vectors, np.eye(64), config)
    taken = sum(v.numpy().nbytes for v in index.variables)
    assert taken < bound * vectors.nbytes


def test_another_query_of_the_batch_may_be_allowed_other_items():
    vectors = _make_vectors(300, 8)
    index = IvfIndex(
        vectors,
        np.eye(8),
        IndexConfig(kind="ivf", num_partitions=10, num_probes=1),
    )
    # Query q may get items of remainder q only, all over the partitions.
    _, rows = index.search(
        tf.constant(vectors[:3]),
        90,
        Restriction(
            tf.constant(True), lambda rows, at: rows % 3 == at[:, tf.newaxis]
        ),
    )
    assert (rows.numpy() % 3 == [[0], [1], [2]]).all()
