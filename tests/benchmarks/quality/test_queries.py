"""What is held out can be told from other choices."""

import numpy as np

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.queries import hash_held_out
from benchmarks.quality.splits import split_leave_last


def test_held_out_pairs_have_a_hash_of_their_own():
    data = build_interactions(
        np.array([2, 2, 1, 1]), np.array([5, 6, 7, 8]), np.arange(4)
    )
    _, queries = split_leave_last(data)
    # printf '1,8\n2,6\n' | sha256sum
    expected = "b4b54aa3e22a12f7"
    assert hash_held_out(data, queries) == expected
    assert hash_held_out(data, queries.take([1, 0])) == expected
    assert hash_held_out(data, queries.take([0])) != expected
