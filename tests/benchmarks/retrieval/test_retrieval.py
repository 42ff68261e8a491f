"""Figures of the retrieval benchmark."""

import numpy as np

from benchmarks.retrieval.__main__ import compute_recall
from benchmarks.retrieval.__main__ import measure_speed
from benchmarks.retrieval.graph import build_loaded_index
from trainer.config import IndexConfig

_VECTORS = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)


def test_recall_is_the_share_of_the_true_rows_found():
    found = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    truth = np.array([[4, 3, 2, 9], [1, 2, 3, 4]])
    assert compute_recall(found, truth) == 3 / 8


def test_speed_counts_queries_not_batches():
    asked = []
    queries = np.zeros([40, 2], np.float32)
    speed = measure_speed(asked.append, queries, 16, seconds=0.0)
    assert speed > 0.0
    assert {len(batch) for batch in asked} == {16}


def test_saved_index_answers_and_says_what_it_takes():
    config = IndexConfig(kind="ivf", num_partitions=4, num_probes=4)
    index = build_loaded_index(_VECTORS, np.eye(16), config)
    found = index.module.search(_VECTORS[:5]).numpy()
    truth = np.argsort(-_VECTORS[:5] @ _VECTORS.T, axis=1)[:, :10]
    assert compute_recall(found, truth) == 1.0
    assert _VECTORS.nbytes < index.num_bytes < 2 * _VECTORS.nbytes


def test_brute_force_takes_the_memory_of_its_vectors():
    index = build_loaded_index(_VECTORS, np.eye(16), IndexConfig())
    assert index.num_bytes == _VECTORS.nbytes
