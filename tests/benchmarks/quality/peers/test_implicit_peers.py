"""Factor models of `implicit` find the groups that were planted."""

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.peers import ImplicitAls
from benchmarks.quality.peers import ImplicitBpr
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_leave_last
from benchmarks.quality.splits import split_new_users

pytest.importorskip("implicit", reason="comes with requirements/peers.in")


@pytest.fixture(scope="module")
def groups():
    """80 people in two groups, each taking 15 of its 20 items."""
    lots = np.random.RandomState(5)
    users = np.repeat(np.arange(80), 15)
    items = np.concatenate(
        [20 * (user % 2) + lots.permutation(20)[:15] for user in range(80)]
    )
    return build_interactions(users, items, np.arange(1200))


PEERS = [
    ImplicitAls(num_factors=8),
    ImplicitBpr(num_factors=8, learning_rate=0.1),
]


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("split", [split_leave_last, split_new_users])
def test_known_and_new_people_are_shown_items_of_their_group(
    groups, peer, split
):
    train, queries = split(groups)
    peer.fit(train)
    slates = recommend(peer, queries)
    has_long = np.diff(queries.offsets) >= 5  # one event says little to BPR
    shown = slates[has_long, :5] // 20
    group = (queries.users % 2)[has_long]
    assert (shown == group[:, None]).mean() > 0.95
    # 5 of 20 items are left of the own group: 10 places show them all.
    if split is split_leave_last:
        assert evaluate(slates, queries).recall_at_10 > 0.9


def test_fits_of_als_repeat(groups):
    peer = ImplicitAls(num_factors=8)
    train, queries = split_leave_last(groups)
    peer.fit(train)
    first = recommend(peer, queries)
    peer.fit(train)
    np.testing.assert_array_equal(first, recommend(peer, queries))
