"""Every item in one partition, near items in the same one."""

import numpy as np
import pytest

from trainer.index.partitions import divide


def _clusters(sizes, seed=0):
    """Points within 0.1 of centres that are 10 apart, and their cluster."""
    random = np.random.default_rng(seed)
    label = np.repeat(np.arange(len(sizes)), sizes)
    points = 10.0 * np.eye(len(sizes))[label]
    points += random.uniform(-0.1, 0.1, size=points.shape)
    return points.astype(np.float32), label


@pytest.mark.parametrize(
    ("num_items", "num_partitions"), [(1, 1), (1, 9), (10, 3), (500, 16)]
)
def test_every_item_is_in_one_partition(num_items, num_partitions):
    vectors = np.random.default_rng(1).normal(size=(num_items, 4))
    found = divide(vectors.astype(np.float32), num_partitions, seed=0)
    rows = found[found < num_items]
    assert sorted(rows) == list(range(num_items))
    assert len(found) == min(num_items, num_partitions)


def test_partitions_mix_few_clusters():
    vectors, label = _clusters([100] * 8)
    found = divide(vectors, 16, seed=0)
    mixed = [len(set(label[rows[rows < len(label)]])) for rows in found]
    # A partition of 54 places drawn evenly would mix all eight.
    assert np.mean(mixed) < 3.0


def test_partitions_hold_hardly_more_places_than_items():
    vectors, _ = _clusters([400, 10, 10, 10, 370])
    found = divide(vectors, 8, seed=0)
    # 800 items in 8 partitions: 8 percent of room beyond the mean of 100.
    assert found.shape == (8, 108)


def test_items_alike_fill_one_partition_after_the_other():
    found = divide(np.ones([64, 4], np.float32), 4, seed=0)
    assert sorted(found[found < 64]) == list(range(64))


def test_same_seed_gives_the_same_partitions():
    vectors = np.random.default_rng(1).normal(size=(300, 4))
    vectors = vectors.astype(np.float32)
    first, again = (divide(vectors, 7, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
