"""SASRec learns an order that was planted."""

import numpy as np

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.peers import SasRec
from benchmarks.quality.peers.sasrec import _build_network
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_leave_last


def test_the_next_item_of_a_fixed_round_is_found():
    # 96 people walk 8 steps of a round of 30 items from where they begin.
    begins = np.random.RandomState(4).randint(0, 30, 96)
    items = (begins[:, None] + np.arange(8)) % 30
    data = build_interactions(
        np.repeat(np.arange(96), 8), items.ravel(), np.tile(np.arange(8), 96)
    )
    train, queries = split_leave_last(data)
    peer = SasRec(
        num_factors=32, num_epochs=15, dropout=0.0, max_window=8, batch_size=8
    )
    peer.fit(train)
    report = evaluate(recommend(peer, queries), queries)
    assert report.mrr_at_10 > 0.9


def test_nobody_looks_at_what_comes_later():
    network = _build_network(SasRec(num_factors=8, max_window=4), num_items=9)
    states = network(np.array([[1, 2, 3, 4], [1, 2, 7, 8]])).numpy()
    np.testing.assert_allclose(states[0, :2], states[1, :2], atol=1e-5)
    assert np.abs(states[0, 2:] - states[1, 2:]).max() > 1e-2


def test_events_of_long_users_are_targets_wherever_the_windows_begin():
    data = build_interactions(np.zeros(25), np.arange(25), np.arange(25))
    peer = SasRec(max_window=8)
    peer._num_items = 25
    for seed in range(5):
        windows = peer._cut([data.items], np.random.default_rng(seed))
        targets = windows[:, 1:]
        assert sorted(targets[targets < 25].tolist()) == list(range(1, 25))
