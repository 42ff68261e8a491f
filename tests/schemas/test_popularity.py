"""Every third of the events has its items."""

import numpy as np

from schemas.events import ITEM_BUCKETS
from schemas.popularity import assign_item_buckets


def _name(counts):
    buckets = assign_item_buckets(np.array(counts, np.int64))
    return [ITEM_BUCKETS[bucket] for bucket in buckets]


def test_each_bucket_begins_where_a_third_of_the_events_is_used_up():
    # 12 events: 4, then 4 (from 2 items), then 4; the last has none.
    assert _name([1, 4, 2, 2, 1, 1, 1, 0]) == [
        "tail",
        "head",
        "middle",
        "middle",
        "tail",
        "tail",
        "tail",
        "unseen",
    ]


def test_one_item_with_everything_is_the_head():
    assert _name([0, 9]) == ["unseen", "head"]


def test_without_events_all_items_are_unseen():
    assert _name([0, 0]) == ["unseen", "unseen"]
    assert _name([]) == []
