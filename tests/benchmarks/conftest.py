"""Fixtures of the benchmarks' tests: small data with numbers as ids."""

import numpy as np
import pytest

from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import Item
from benchmarks.quality.interactions import build_interactions

NUM_USERS, NUM_EVENTS, NUM_ITEMS = 30, 12, 20


@pytest.fixture(scope="session")
def small_dataset() -> Dataset:
    """30 users with 12 of 20 items each, two events in each second.

    Ids have one or two digits, so that text sorts them otherwise than
    numbers do.
    """
    users = np.repeat(np.arange(1, NUM_USERS + 1), NUM_EVENTS)
    lots = np.random.RandomState(3)
    items = np.concatenate(
        [1 + lots.permutation(NUM_ITEMS)[:NUM_EVENTS] for _ in range(NUM_USERS)]
    )
    seconds = 1_500_000_000 + np.tile(np.arange(NUM_EVENTS) // 2, NUM_USERS)
    times = seconds * 1 + np.repeat(np.arange(NUM_USERS), NUM_EVENTS) * 3
    ratings = 1 + lots.randint(0, 9, len(users)) / 2
    catalog = {
        str(number): Item(f"title {number}", ("Drama",) if number % 2 else ())
        for number in range(1, NUM_ITEMS + 1)
    }
    return Dataset(
        build_interactions(users, items, times, ratings), catalog, True
    )
